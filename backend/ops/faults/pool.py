"""Exhausted pool: connections to PostgreSQL are taken as a handler takes them, and kept.

Nothing is asked over them. While PostgreSQL is away, or others hold the
connections, it goes on trying.
"""

import asyncio
import threading
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.ops.faults.effects import on_loop
from backend.ops.faults.errors import UnservedFaultError
from backend.schemas.replica_faults import ExhaustedPoolArguments

RETRY_SECONDS = 0.1


class ExhaustedPool:
    def __init__(
        self,
        engine: AsyncEngine,
        loop: asyncio.AbstractEventLoop,
        arguments: ExhaustedPoolArguments,
    ) -> None:
        """Plan to take the connections.

        Raises:
            UnservedFaultError: more are asked for than the pool may have.
        """
        pool: Any = engine.pool
        size: int = pool.size()
        if (arguments.connections or size) > size:
            raise UnservedFaultError(
                "arguments.connections", f"may be {size} at most: the pool has no more"
            )
        self._engine, self._loop = engine, loop
        self._wanted = arguments.connections or size
        self._held = 0
        self._failure = ""
        self._over = asyncio.Event()
        self._ended = threading.Event()

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self._hoard(), self._loop)

    def stop(self) -> None:
        on_loop(self._loop, self._over.set)

    def gone(self) -> bool:
        return self._ended.is_set() or self._loop.is_closed()

    def detail(self) -> str:
        return f"holds {self._held} of {self._wanted} connections{self._failure}"

    async def _hoard(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                holders = [tasks.create_task(self._hold()) for _ in range(self._wanted)]
                await self._over.wait()
                for holder in holders:
                    holder.cancel()
        finally:
            self._ended.set()

    async def _hold(self) -> None:
        while not self._over.is_set():
            try:
                await self._hold_one()
            except Exception as error:  # noqa: BLE001  whatever it is, read-back tells it
                self._failure = f"; the last attempt failed: {type(error).__name__}"
                await asyncio.sleep(RETRY_SECONDS)

    async def _hold_one(self) -> None:
        async with self._engine.connect():
            self._held += 1
            try:
                await self._over.wait()
            finally:
                self._held -= 1
