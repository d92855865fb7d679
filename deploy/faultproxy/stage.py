"""One toxic's place in one link: what has come in there, and has not gone on yet."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Protocol

from deploy.faultproxy.chunks import Chunk, End
from deploy.faultproxy.toxic import Toxic


class Sink(Protocol):
    """Where chunks go on to."""

    def put(self, chunk: Chunk) -> None: ...


class Stage:
    """Holds chunks in order while the toxic's behaviour decides when they go on.

    A chunk stays here until it has gone on, so whoever cancels the behaviour
    loses nothing. `passed` counts bytes that went on since the toxic was added;
    `freed` is told how many bytes were dropped here.
    """

    def __init__(self, toxic: Toxic, onward: Sink, freed: Callable[[int], None]) -> None:
        self.toxic, self.onward = toxic, onward
        self.passed = 0
        self._freed = freed
        self._held: deque[Chunk] = deque()
        self._came = asyncio.Event()
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Act, or let everything pass where the dice (`toxicity`) say so."""
        if random.random() < self.toxic.toxicity:  # noqa: S311  no secret is made of it
            self._task = asyncio.create_task(self.toxic.attributes.pipe(self))
            self._task.add_done_callback(_raise)
        else:
            self._pass_all_on()

    def restart(self) -> None:
        """Act anew, by what the toxic has become."""
        self._halt()
        self.start()

    def remove(self) -> None:
        """End: what is held goes on at once, unless the toxic ends the connection with itself."""
        if self._task is not None:
            self._halt()
            self.toxic.attributes.removed(self)
        self._pass_all_on()

    def discard(self) -> None:
        """End without passing anything on: the link is gone."""
        self._halt()
        self._closed = True
        self._held.clear()

    def put(self, chunk: Chunk) -> None:
        if self._closed:
            self._freed(len(chunk.data))
            return
        self._held.append(chunk)
        if self._task is None:
            self._pass_all_on()
        else:
            self._came.set()

    async def head(self) -> Chunk:
        """Wait for the oldest chunk, which stays here."""
        while not self._held:
            self._came.clear()
            await self._came.wait()
        return self._held[0]

    def forward(self) -> None:
        """Let the oldest chunk go on."""
        chunk = self._held.popleft()
        self.passed += len(chunk.data)
        self.onward.put(Chunk(asyncio.get_running_loop().time(), chunk.data, chunk.end))

    def forward_part(self, size: int) -> None:
        """Let the oldest chunk's first `size` bytes go on, its rest stays."""
        if size < len(self._held[0].data):
            self._held.extendleft(reversed(self._held.popleft().split(size)))
        self.forward()

    def drop(self) -> None:
        """Lose the oldest chunk."""
        self._freed(len(self._held.popleft().data))

    def close(self, how: End) -> None:
        """End the link here: what is held is lost, what has gone on arrives before the end."""
        self._freed(sum(len(chunk.data) for chunk in self._held))
        self._held.clear()
        if not self._closed:
            self._closed = True
            self.onward.put(Chunk(asyncio.get_running_loop().time(), end=how))

    def _pass_all_on(self) -> None:
        while self._held:
            self.forward()

    def _halt(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


def _raise(task: asyncio.Task[None]) -> None:
    """Let the loop's exception handler log a behaviour that failed."""
    if not task.cancelled():
        task.result()
