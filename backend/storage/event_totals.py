"""What the tables say of all events, in one consistent look."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

# The lag looks only at users who have something outstanding, and there at the next event.
_TOTALS = text("""
SELECT
  (SELECT count(*) FROM events) AS accepted,
  (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS outbox,
  (SELECT count(*) FROM inbox WHERE consumer = :consumer AND outcome = 'applied') AS consumed,
  (SELECT count(*) FROM inbox WHERE consumer = :consumer AND outcome = 'dead') AS buried,
  (SELECT coalesce(sum(deliveries - 1), 0) FROM inbox WHERE consumer = :consumer) AS duplicates,
  (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(accepted_at)), 0)
   FROM streams
   LEFT JOIN activity_summaries USING (user_id)
   JOIN events ON events.user_id = streams.user_id
              AND events.sequence = coalesce(applied_sequence, 0) + 1
   WHERE last_sequence > coalesce(applied_sequence, 0)) AS lag_seconds
""")

_BY_TYPE = text("SELECT type, count(*) FROM events GROUP BY type ORDER BY type")


@dataclass(frozen=True, slots=True)
class EventTotals:
    """Rows by what became of them; `buried` were given up, `lag_seconds` as in EventStats."""

    accepted: int
    outbox: int
    consumed: int
    buried: int
    duplicates: int
    lag_seconds: float
    by_type: dict[str, int]

    @property
    def outstanding(self) -> int:
        """Accepted events that the consumer has not dealt with."""
        return self.accepted - self.consumed - self.buried


async def event_totals(engine: AsyncEngine, consumer: str) -> EventTotals:
    """Count everything in one snapshot."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        row = (await connection.execute(_TOTALS, {"consumer": consumer})).one()
        by_type = (await connection.execute(_BY_TYPE)).all()
    return EventTotals(
        accepted=row.accepted,
        outbox=row.outbox,
        consumed=row.consumed,
        buried=row.buried,
        duplicates=row.duplicates,
        lag_seconds=max(0.0, float(row.lag_seconds)),
        by_type={row[0]: row[1] for row in by_type},
    )
