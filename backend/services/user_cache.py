"""Users' answers in the cache: read through it, and changed around it.

What is guaranteed, and how, is told in `cache.entries` (the races of readers
and writers) and `cache.trust` (Redis away, or cut off from some replica).
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cache.entries import Fence, Lease, UserEntries
from backend.cache.trust import Trust
from backend.domain.errors import DatabaseUnavailableError, DependencyUnavailableError
from backend.observability.catalogue import CACHE_INVALIDATIONS, CACHE_REQUESTS
from backend.observability.metrics import Instruments
from backend.storage.cache_eras import distrust_cache, hold_era
from backend.storage.database import Database

logger = logging.getLogger(__name__)

RESULTS = ("hit", "miss", "error")
Result = TypeVar("Result")
Work = Callable[[AsyncSession], Awaitable[Result]]
Load = Callable[[], Awaitable[bytes]]
Committed = Callable[[], None]


class _FenceNotRaisedError(Exception):
    """Redis could not be told of the change that is about to happen."""


class UserCache:
    """Never serves what is older than a finished change; never fails for Redis' sake."""

    def __init__(
        self, database: Database, entries: UserEntries, trust: Trust, instruments: Instruments
    ) -> None:
        self._database = database
        self._entries = entries
        self._trust = trust
        requests = instruments.numbers(CACHE_REQUESTS)
        self._requests = {result: requests.labels(result=result) for result in RESULTS}
        self._invalidations = instruments.counter(CACHE_INVALIDATIONS)

    async def read(self, user_id: UUID, load: Load) -> bytes:
        """Return the entry's value, or what `load` returns, which is then kept if it may be."""
        result, found = await self._look_up(user_id)
        self._requests[result].inc()
        if isinstance(found, bytes):
            return found
        value = await load()
        if found is not None:
            await self._fill(found, value)
        return value

    async def change(self, user_id: UUID, work: Work[Result], committed: Committed) -> Result:
        """Run `work` in a transaction that changes this user, and make readers see it.

        Returns when no replica serves the earlier state any more. `committed` is called
        as soon as the change stands, whatever befalls what comes after.

        Raises:
            DependencyUnavailableError: PostgreSQL is away; or as `work` does.
        """
        try:
            return await self._change_behind_fence(user_id, work, committed)
        except _FenceNotRaisedError:
            return await self._change_ending_the_era(work, committed)

    async def _look_up(self, user_id: UUID) -> tuple[str, bytes | Lease | None]:
        era = self._trust.era()
        if era is None:
            return "error", None
        try:
            found = await self._entries.look_up(era, user_id)
        except DependencyUnavailableError as error:
            logger.debug("Read past the cache: %s", error)
            return "error", None
        if isinstance(found, bytes) and self._trust.era() != era:
            return "error", None
        return ("hit" if isinstance(found, bytes) else "miss"), found

    async def _fill(self, lease: Lease, value: bytes) -> None:
        try:
            await self._entries.fill(lease, value)
        except DependencyUnavailableError as error:
            logger.debug("Left unfilled: %s", error)

    async def _change_behind_fence(
        self, user_id: UUID, work: Work[Result], committed: Committed
    ) -> Result:
        fence: Fence | None = None
        try:
            async with self._database.transaction() as session:
                era = await hold_era(session)
                if era.trusted:
                    fence = await self._raise_fence(era.number, user_id)
                result = await work(session)
        except Exception as error:
            # With PostgreSQL away the commit may still be under way: the fence then stays
            # until no commit can be.
            undone = not isinstance(error, DatabaseUnavailableError) or not error.away
            if fence is not None and undone:
                await self._lift(fence)
            raise
        committed()
        if fence is None:
            self._invalidations.labels(result="error").inc()
            await self._trust.terms_over(era.number)
        elif not await self._lift(fence):
            await self._trust.distrust()
        return result

    async def _change_ending_the_era(self, work: Work[Result], committed: Committed) -> Result:
        async with self._database.transaction() as session:
            number = await distrust_cache(session)
            result = await work(session)
        committed()
        self._invalidations.labels(result="error").inc()
        await self._trust.terms_over(number)
        return result

    async def _raise_fence(self, era: int, user_id: UUID) -> Fence:
        try:
            return await self._entries.raise_fence(era, user_id)
        except DependencyUnavailableError as error:
            raise _FenceNotRaisedError from error

    async def _lift(self, fence: Fence) -> bool:
        try:
            await self._entries.lift_fence(fence)
        except DependencyUnavailableError as error:
            logger.warning("The cache was not told of a change: %s", error)
            self._invalidations.labels(result="error").inc()
            return False
        self._invalidations.labels(result="done").inc()
        return True
