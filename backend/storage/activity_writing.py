"""Writing the activity read model: the effect of an event, its inbox row and its place at once.

Each write is one statement, so one transaction. It starts by moving the user's
stream from the sequence before the event's to the event's own, and does nothing
at all where the stream stands elsewhere: an event is neither applied twice nor
out of order, whoever else is writing. Written for asyncpg itself: through the
SQL toolkit four statements took four times as long.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

# $1 user, $2 sequence, $3 event key, $4 consumer
_MOVED_ON = """
WITH begun AS (
  INSERT INTO activity_summaries (user_id, applied_sequence, events, updated_at)
  SELECT $1::uuid, 1, {events}, now() WHERE $2::bigint = 1
  ON CONFLICT (user_id) DO NOTHING
  RETURNING user_id
), gone_on AS (
  UPDATE activity_summaries
  SET applied_sequence = $2, events = events + {events}, updated_at = now()
  WHERE user_id = $1 AND applied_sequence = $2 - 1
  RETURNING user_id
), stream AS (
  SELECT user_id FROM begun UNION ALL SELECT user_id FROM gone_on
), dealt_with AS (
  INSERT INTO inbox (consumer, event_key, outcome, deliveries, handled_at)
  SELECT $4::text, $3::uuid, '{outcome}', 1, clock_timestamp() FROM stream
){and_then}
SELECT count(*) FROM stream
"""

# $5 source, $6 id, $7 type, $8 time, $9 the CloudEvent: its data is taken as it came
_WRITTEN = """, written AS (
  INSERT INTO activity (event_key, user_id, sequence, source, id, type, time, data)
  SELECT $3::uuid, user_id, $2, $5, $6, $7, $8, $9::jsonb -> 'data' FROM stream
)"""

_APPLY = _MOVED_ON.format(events=1, outcome="applied", and_then=_WRITTEN)
_BURY = _MOVED_ON.format(events=0, outcome="dead", and_then="")

_APPLIED = "SELECT applied_sequence FROM activity_summaries WHERE user_id = $1"

_REPEAT = "UPDATE inbox SET deliveries = deliveries + 1 WHERE consumer = $1 AND event_key = $2"


@dataclass(frozen=True, slots=True)
class Position:
    """An event and its place in its user's stream."""

    event_key: UUID
    user_id: UUID
    sequence: int


@dataclass(frozen=True, slots=True)
class Content:
    """What the read model keeps of an event; `document` is the CloudEvent as JSON text."""

    source: str
    id: str
    type: str
    time: datetime
    document: str


class ActivityWriting:
    """One consumer's writes; each is committed when it returns."""

    def __init__(self, connection: AsyncConnection, consumer: str) -> None:
        self._connection = connection
        self._consumer = consumer

    async def apply(self, position: Position, content: Content) -> bool:
        """Add an event whose turn it is; False, and no effect, when it is not."""
        driver = await self._driver()
        return bool(
            await driver.fetchval(
                _APPLY,
                *self._place(position),
                content.source,
                content.id,
                content.type,
                content.time,
                content.document,
            )
        )

    async def bury(self, position: Position) -> bool:
        """Pass over an event whose turn it is; False, and no effect, when it is not."""
        driver = await self._driver()
        return bool(await driver.fetchval(_BURY, *self._place(position)))

    async def applied_sequence(self, user_id: UUID) -> int:
        """Return how far a user's stream has come, 0 when it has not begun."""
        driver = await self._driver()
        return await driver.fetchval(_APPLIED, user_id) or 0

    async def repeat(self, event_key: UUID) -> bool:
        """Count one more delivery of an event that was dealt with; False when it was not."""
        driver = await self._driver()
        return bool(await driver.execute(_REPEAT, self._consumer, event_key) == "UPDATE 1")

    def _place(self, position: Position) -> tuple[UUID, int, UUID, str]:
        return position.user_id, position.sequence, position.event_key, self._consumer

    async def _driver(self) -> Any:
        return (await self._connection.get_raw_connection()).driver_connection
