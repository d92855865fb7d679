"""The era of the cache: whether it may be believed, and the namespace it lives in.

`backend.cache.trust` says what eras are for. Whoever changes a user takes the
row's lock, in one of two ways, and keeps it until the commit: so an era can
neither begin nor end in the middle of a change.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.eras import Era
from backend.storage.database import Database

_READ = "SELECT number, trusted FROM cache_era WHERE id = 1"
_HOLD = text(f"{_READ} FOR SHARE")
_DISTRUST = """
UPDATE cache_era SET number = number + trusted::int, trusted = false
WHERE id = 1 RETURNING number
"""
_BEGIN = """
UPDATE cache_era SET number = number + 1, trusted = true
WHERE id = 1 AND number = $1 AND NOT trusted
"""


async def hold_era(session: AsyncSession) -> Era:
    """Return the era, which stays as it is until the transaction ends."""
    row = (await session.execute(_HOLD)).one()
    return Era(row.number, row.trusted)


async def distrust_cache(session: AsyncSession) -> int:
    """End the era with this transaction's commit; return the number that stands from then on.

    Never after `hold_era` in the same transaction: two that hold it would wait
    for each other.
    """
    number: int = (await session.execute(text(_DISTRUST))).scalar_one()
    return number


class CacheEras:
    """Reads and moves the era by statements of their own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> Era:
        async with self._database.autocommit() as connection:
            row = await connection.fetchrow(_READ)
        return Era(row["number"], row["trusted"])

    async def distrust(self) -> int:
        async with self._database.autocommit() as connection:
            number: int = await connection.fetchval(_DISTRUST)
        return number

    async def begin(self, after: int) -> bool:
        """Begin a new era unless somebody else moved on from era `after`; return whether it did."""
        async with self._database.autocommit() as connection:
            outcome: str = await connection.execute(_BEGIN, after)
        return outcome == "UPDATE 1"
