"""Blocked loop: the traffic's event loop stands still, as in a handler that waits or computes.

It looks at an event that any thread can set, so that the end of the fault ends
a block under way, too. A thread beside it may hash meanwhile: the loop alone has
one core at most, and less than that wherever others want the cores as well.
"""

import asyncio
import threading
import time

from backend.ops.faults.cpu import Hashing
from backend.ops.faults.effects import on_loop
from backend.schemas.replica_faults import BlockedLoopArguments


class BlockedLoop:
    def __init__(self, loop: asyncio.AbstractEventLoop, arguments: BlockedLoopArguments) -> None:
        self._loop = loop
        self._arguments = arguments
        self._over = threading.Event()
        self._blocking = False
        self._hashing = Hashing("blocked-loop", arguments.hashing) if arguments.hashing else None

    def start(self) -> None:
        on_loop(self._loop, self._block)
        if self._hashing:
            self._hashing.start()

    def stop(self) -> None:
        self._over.set()
        if self._hashing:
            self._hashing.stop()

    def gone(self) -> bool:
        return not self._blocking and (self._hashing is None or self._hashing.gone())

    def detail(self) -> str:
        loop = "the event loop is blocked" if self._blocking else "the event loop runs for a moment"
        return f"{loop}, a thread hashes beside it" if self._hashing else loop

    def _block(self) -> None:
        self._blocking = True
        over = self._compute() if self._arguments.busy else self._wait()
        self._blocking = False
        if not over:
            self._loop.call_later(self._arguments.pause_seconds, self._block)

    def _wait(self) -> bool:
        return self._over.wait(self._arguments.block_seconds)

    def _compute(self) -> bool:
        until = time.monotonic() + self._arguments.block_seconds
        while not self._over.is_set() and time.monotonic() < until:
            pass
        return self._over.is_set()
