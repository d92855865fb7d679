"""How services reach PostgreSQL: one transaction, or one statement of its own.

Both fail fast with DatabaseUnavailableError (or the breaker's refusal) while
PostgreSQL is away, and both give the connection back before they return: never
hold one across anything that waits for the same event loop's other requests.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from backend.resilience.breaker import Breaker
from backend.storage.engine import create_sessions
from backend.storage.failures import Failures, translated
from backend.storage.repeats import REPEATS


class Database:
    """The pool behind the breaker."""

    def __init__(
        self, engine: AsyncEngine, breaker: Breaker, failures: Failures | None = None
    ) -> None:
        self._engine = engine
        self._failures = failures
        self._breaker = breaker
        self._sessions = create_sessions(engine)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit when the block ends, roll back when it raises.

        Raises:
            DependencyUnavailableError: PostgreSQL is away; when it went during the
                commit, whether the block took effect is unknown.
        """
        with self._breaker.guard(), translated(self._failures):
            async with self._sessions.begin() as session:
                if (repeats := REPEATS.get()) is not None:
                    await repeats.ask(await _driver_s(await session.connection()))
                yield session

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Any]:
        """Give the driver's own connection: each statement is a transaction, in one round trip.

        Raises:
            DependencyUnavailableError: as in `transaction`.
        """
        with self._breaker.guard(), translated(self._failures):
            async with self._engine.connect() as connection:
                driver_s = await _driver_s(connection)
                if (repeats := REPEATS.get()) is not None:
                    await repeats.ask(driver_s)
                yield driver_s

    async def close(self) -> None:
        await self._engine.dispose()


async def _driver_s(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection
