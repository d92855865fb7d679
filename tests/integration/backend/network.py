"""A network between a replica and a server that can be cut, or fall silent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Link:
    """Forwards TCP; `cut` refuses and resets, `hush` accepts and passes nothing on."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._passing = asyncio.Event()
        self._passing.set()
        self._open = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        # Pieces that were sent to the server: at least one for each round trip.
        self.sent = 0

    def cut(self) -> None:
        self._open = False
        self._drop()

    def hush(self) -> None:
        self._passing.clear()

    def mend(self) -> None:
        """Pass everything on again, what was held back included."""
        self._open = True
        self._passing.set()

    def _drop(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if not self._open:
            writer.transport.abort()
            return
        ahead, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers.add(back)
        for source, sink in ((reader, back), (ahead, writer)):
            task = asyncio.create_task(self._pass_on(source, sink, ahead=sink is back))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, ahead: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                await self._passing.wait()
                self.sent += ahead
                sink.write(data)
                await sink.drain()
        sink.transport.abort()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Link"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        yield self
        server.close()
        self.mend()
        self._drop()
        for task in list(self._tasks):
            task.cancel()
