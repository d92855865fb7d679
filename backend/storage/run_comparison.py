"""A load run's list of accepted events against the event log and the read model.

The list goes into a temporary table by COPY; the comparison is then four
queries in one snapshot, however long the list is. It joins by the public
identity, not by the keys that the write path itself relies on.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.schemas.runs import RunVerification

_PREPARE = (
    "CREATE TEMPORARY TABLE loaded (source text, id text) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE sent (source text, id text) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE subjects (user_id uuid) ON COMMIT DROP",
)
_DIGEST = (
    "INSERT INTO sent SELECT DISTINCT source, id FROM loaded",
    "ANALYZE sent",
    "INSERT INTO subjects SELECT DISTINCT user_id FROM sent JOIN events USING (source, id)",
    "ANALYZE subjects",
)

_IDENTITIES = text("""
WITH logged AS (
  SELECT source, id, count(*) AS times FROM sent JOIN events USING (source, id) GROUP BY source, id
), shown AS (
  SELECT source, id, count(*) AS times FROM sent JOIN activity USING (source, id)
  GROUP BY source, id
)
SELECT count(*) AS sent,
       count(*) FILTER (WHERE logged.times IS NULL OR shown.times IS NULL) AS missing,
       count(*) FILTER (WHERE logged.times > 1 OR shown.times > 1) AS doubled
FROM sent LEFT JOIN logged USING (source, id) LEFT JOIN shown USING (source, id)
""")

_MISCOUNTED = text("""
WITH counted AS (
  SELECT user_id, count(*) AS events FROM activity JOIN subjects USING (user_id) GROUP BY user_id
)
SELECT count(*) FROM subjects
LEFT JOIN counted USING (user_id)
LEFT JOIN activity_summaries AS summary USING (user_id)
WHERE coalesce(counted.events, 0) <> coalesce(summary.events, 0)
""")

_OUT_OF_ORDER = text("""
SELECT count(*) FROM (
  SELECT sequence, lag(sequence) OVER (PARTITION BY user_id ORDER BY position) AS previous
  FROM activity JOIN subjects USING (user_id)
) AS pairs
WHERE previous > sequence
""")


async def compare_run(
    engine: AsyncEngine, identities: Iterable[tuple[str, str]]
) -> RunVerification:
    """Compare (source, id) pairs, read as they are sent to the server, with the tables.

    `doubled` counts identities that stand more than once in the log or in the
    read model, and users whose raised count is not the number of their rows.
    `out_of_order` counts neighbours in the order of application whose sequences
    are the other way round.
    """
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        for statement in _PREPARE:
            await connection.execute(text(statement))
        await _copy(connection, identities)
        for statement in _DIGEST:
            await connection.execute(text(statement))
        found = (await connection.execute(_IDENTITIES)).one()
        miscounted = (await connection.execute(_MISCOUNTED)).scalar_one()
        out_of_order = (await connection.execute(_OUT_OF_ORDER)).scalar_one()
    return RunVerification(
        sent=found.sent,
        missing=found.missing,
        doubled=found.doubled + miscounted,
        out_of_order=out_of_order,
    )


async def _copy(connection: AsyncConnection, identities: Iterable[tuple[str, str]]) -> None:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table("loaded", records=identities, columns=["source", "id"])
