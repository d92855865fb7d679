"""What an event does to a user's activity: once, in order, in one transaction.

The stream's row is locked first, so that what `place` decides still holds when
the inbox row, the activity row and the summary are written.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.domain.messages import Envelope, UnreadableMessageError, read_event
from backend.domain.ordering import Apply, Duplicate, Placement, place
from backend.schemas.events import CloudEvent
from backend.storage.activity_writing import ActivityWriting
from backend.storage.inbox import Inbox
from backend.storage.rejection import rejection_apart
from backend.storage.tables import Activity

log = logging.getLogger(__name__)

CONSUMER = "activity"


class ActivityEffect:
    """Each method is one transaction, and raises DatabaseUnavailableError when it cannot be had."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def apply(self, envelope: Envelope, body: bytes) -> Placement:
        """Add the event to its user's activity, if its turn has come.

        Raises:
            UnreadableMessageError: its turn has come, and it is damaged.
            SQLAlchemyError: PostgreSQL refuses its data.
        """
        async with self._placed(envelope) as (placement, connection):
            if isinstance(placement, Apply):
                activity = _activity(envelope, body)
                await Inbox(connection, CONSUMER).add(envelope.event_key, "applied")
                stream = ActivityWriting(connection)
                await stream.add(activity)
                await stream.advance(envelope.user_id, envelope.sequence, events=1)
            return placement

    async def bury(self, envelope: Envelope) -> Placement:
        """Record that the event was given up, and let its successors go on."""
        async with self._placed(envelope) as (placement, connection):
            if isinstance(placement, Apply):
                await Inbox(connection, CONSUMER).add(envelope.event_key, "dead")
                await ActivityWriting(connection).advance(
                    envelope.user_id, envelope.sequence, events=0
                )
            return placement

    async def ping(self) -> None:
        """Return once PostgreSQL answers a statement."""
        with rejection_apart():
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def _placed(self, envelope: Envelope) -> AsyncIterator[tuple[Placement, AsyncConnection]]:
        with rejection_apart():
            async with self._engine.begin() as connection:
                applied = await ActivityWriting(connection).lock_stream(envelope.user_id)
                placement = place(envelope.sequence, applied)
                if isinstance(placement, Duplicate):
                    await _count_repeat(connection, envelope)
                yield placement, connection


async def _count_repeat(connection: AsyncConnection, envelope: Envelope) -> None:
    if not await Inbox(connection, CONSUMER).repeat(envelope.event_key):
        log.error(
            "an event has a sequence that another event was applied with",
            extra={"event.id": str(envelope.event_key), "event.sequence": envelope.sequence},
        )


def _activity(envelope: Envelope, body: bytes) -> Activity:
    event: CloudEvent = read_event(body)
    if event.subject != envelope.user_id:
        raise UnreadableMessageError("the body is about another user than the headers say")
    return Activity(
        event_key=envelope.event_key,
        user_id=envelope.user_id,
        sequence=envelope.sequence,
        source=event.source,
        id=event.id,
        type=event.type,
        time=event.time or envelope.accepted_at,
        data=event.data,
    )
