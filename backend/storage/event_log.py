"""The write side of events: one statement gives an event its sequence, its row and its message.

Lock order, for every writer: the user's row, then his stream's. The stream's
row lock is held until the commit, so a user's sequences are gapless and both
they and the outbox positions are in commit order. A statement that fails, on a
second copy of the same event, say, takes its sequence back with it.

Event bodies in the outbox are CloudEvents 1.0 in JSON, with two extension
attributes of ours: `sequence` (integer, from 1, per user) and `acceptedat`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

import asyncpg
import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from backend.domain.documents import Place, places
from backend.domain.errors import UnstorableEventError
from backend.observability.context import request_id, traceparent

CONTENT_TYPE = "application/cloudevents+json"

# The loser of a race for one identity finds the winner's event on its second try;
# a third is for a winner that rolled back in between.
ATTEMPTS = 3


class Connection(Protocol):
    """An asyncpg connection, or a transaction's session that runs the same statement."""

    async def fetchrow(self, query: str, *parameters: Any) -> Any: ...


class InTransaction:
    """Runs the statement as part of a session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetchrow(self, query: str, *parameters: Any) -> Any:
        connection = await self._session.connection()
        return (await connection.exec_driver_sql(query, parameters)).one_or_none()


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to append; `document` is the CloudEvent as it came, without our attributes."""

    source: str
    id: str
    type: str
    user_id: UUID
    time: datetime | None
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the event stands in its user's stream; `repeat` when it stood there before."""

    sequence: int
    accepted_at: datetime
    repeat: bool


# $1 key, $2 source, $3 id, $4 type, $5 user, $6 time or null, $7 document, $8 headers
_APPEND = """
WITH known AS (
  SELECT sequence, accepted_at FROM events WHERE source = $2 AND id = $3
), subject AS (
  {subject}
), numbered AS (
  INSERT INTO streams AS stream (user_id, last_sequence)
  SELECT id, 1 FROM subject
  ON CONFLICT (user_id) DO UPDATE SET last_sequence = stream.last_sequence + 1
  RETURNING last_sequence AS sequence, now() AS accepted_at
), written AS (
  INSERT INTO events (key, source, id, type, user_id, sequence, time, accepted_at, document)
  SELECT $1::uuid, $2::text, $3::text, $4::text, $5::uuid, sequence,
         coalesce($6::timestamptz, accepted_at), accepted_at,
         jsonb_build_object('time', accepted_at) || $7::jsonb
           || jsonb_build_object('sequence', sequence, 'acceptedat', accepted_at)
  FROM numbered
  RETURNING sequence, accepted_at, document
), queued AS (
  INSERT INTO outbox (event_key, routing_key, headers, body, created_at)
  SELECT $1::uuid, $4::text,
         $8::jsonb || jsonb_build_object('sequence', sequence, 'accepted_at', accepted_at),
         convert_to(document::text, 'UTF8'), accepted_at
  FROM written
)
SELECT sequence, accepted_at, true FROM known
UNION ALL
SELECT sequence, accepted_at, false FROM written
"""

# KEY SHARE holds a deletion of the user off until the event is committed, and finds
# no row once a deletion has been.
_APPEND_ABOUT_USER = _APPEND.format(
    subject="SELECT id FROM users WHERE id = $5 AND NOT EXISTS (SELECT FROM known) FOR KEY SHARE"
)
_APPEND_IN_STREAM = _APPEND.format(
    subject="SELECT $5::uuid AS id WHERE NOT EXISTS (SELECT FROM known)"
)


async def append_event(connection: Connection, event: NewEvent) -> Appended | None:
    """Append an event about a user; None when there is no such user.

    A repeat (same source and id) changes nothing and says where the first one
    is. `connection` must not be in a transaction: each attempt is one.

    Raises:
        UnstorableEventError: it holds what PostgreSQL cannot keep.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            row = await connection.fetchrow(_APPEND_ABOUT_USER, *_parameters(event))
        except asyncpg.UniqueViolationError:
            if attempt == ATTEMPTS:
                raise
        except asyncpg.DataError as error:
            read = places(event.document)
            place = next((place for place, value in read if _has_nul(place, value)), None)
            if place is None:
                raise
            raise UnstorableEventError(
                ".".join(place), "PostgreSQL cannot keep a text with NUL: leave it out."
            ) from error
        else:
            return Appended(row[0], row[1], row[2]) if row is not None else None
    raise AssertionError("the last attempt returns or raises")


async def append_change(connection: Connection, event: NewEvent) -> Appended:
    """Append an event to a stream whose user's row this transaction changed, or removed."""
    row = await connection.fetchrow(_APPEND_IN_STREAM, *_parameters(event))
    return Appended(row[0], row[1], row[2])


def _has_nul(place: Place, value: Any) -> bool:
    texts = [*place[-1:], value]
    return any("\0" in text for text in texts if isinstance(text, str))


def _parameters(event: NewEvent) -> tuple[Any, ...]:
    key = uuid4()
    headers = {
        "event_key": str(key),
        "user_id": str(event.user_id),
        "request_id": request_id(),
        "traceparent": traceparent(),
        "event_type": event.type,
        "content_type": CONTENT_TYPE,
    }
    return (
        key,
        event.source,
        event.id,
        event.type,
        event.user_id,
        event.time,
        orjson.dumps(event.document).decode(),
        orjson.dumps(headers).decode(),
    )
