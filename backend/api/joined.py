"""Sends what one turn of the event loop writes in one piece: an answer's head with its body.

The server writes the two one after the other. The first write wakes the gateway, which
on a busy machine takes the core from the replica; a replica that is killed then has begun
its answer, and the gateway tries a request whose answer has begun nowhere else.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Data = bytes | bytearray | memoryview


class JoinedTransport(asyncio.Transport):
    """What the HTTP server uses of a transport; `write` is held until this turn ends."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._held: list[Data] = []

    def write(self, data: Data) -> None:
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def _send(self) -> None:
        held, self._held = self._held, []
        # The other side may have left in this very turn.
        if held and not self._transport.is_closing():
            self._transport.writelines(held)


class JoinedAnswers(HttpToolsProtocol):
    """HTTP/1.1 of one connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(JoinedTransport(transport))
