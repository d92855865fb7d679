"""What an event does to a user's activity: once, and in order.

The write itself checks that the event's turn has come. Only when it had no
effect is the stream looked at, and `place` says why.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.domain.messages import Envelope, UnreadableMessageError, read_event
from backend.domain.ordering import Apply, Defer, Duplicate, Placement, place
from backend.storage.activity_writing import ActivityWriting, Content, Position
from backend.storage.failures import Failures
from backend.storage.rejection import is_rejection, rejection_apart

log = logging.getLogger(__name__)

CONSUMER = "activity"


class ActivityEffect:
    """Each method raises DatabaseUnavailableError when PostgreSQL cannot do its part."""

    def __init__(self, engine: AsyncEngine, failures: Failures | None = None) -> None:
        self._engine = engine
        self._failures = failures

    async def apply(self, envelope: Envelope, body: bytes) -> Placement:
        """Add the event to its user's activity, if its turn has come.

        Raises:
            UnreadableMessageError: its turn has come, and it is damaged.
            asyncpg.PostgresError: its turn has come, and PostgreSQL refuses its data.
        """
        async with self._writing() as writing:
            try:
                applied = await writing.apply(_position(envelope), _content(envelope, body))
            except Exception as error:
                if not isinstance(error, UnreadableMessageError) and not is_rejection(error):
                    raise
                # PostgreSQL reads the data before it looks at the stream. An event that was
                # given up before its turn would leave a gap that nothing closes.
                placement = await _look(writing, envelope)
                if isinstance(placement, Apply):
                    raise
                return placement
            return Apply() if applied else _unless_overtaken(await _look(writing, envelope))

    async def bury(self, envelope: Envelope) -> Placement:
        """Record that the event was given up, and let its successors go on."""
        async with self._writing() as writing:
            if await writing.bury(_position(envelope)):
                return Apply()
            return _unless_overtaken(await _look(writing, envelope))

    async def ping(self) -> None:
        """Return once PostgreSQL answers a statement."""
        with rejection_apart(self._failures):
            async with self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[ActivityWriting]:
        with rejection_apart(self._failures):
            async with self._engine.connect() as connection:
                yield ActivityWriting(connection, CONSUMER)


async def _look(writing: ActivityWriting, envelope: Envelope) -> Placement:
    placement = place(envelope.sequence, await writing.applied_sequence(envelope.user_id))
    if isinstance(placement, Duplicate) and not await writing.repeat(envelope.event_key):
        log.error(
            "another event was applied with this event's sequence",
            extra={"event.id": str(envelope.event_key), "event.sequence": envelope.sequence},
        )
    return placement


def _unless_overtaken(placement: Placement) -> Placement:
    """Defer an event whose predecessor another worker applied after the write had looked."""
    return Defer() if isinstance(placement, Apply) else placement


def _position(envelope: Envelope) -> Position:
    return Position(envelope.event_key, envelope.user_id, envelope.sequence)


def _content(envelope: Envelope, body: bytes) -> Content:
    event = read_event(body)
    if event.subject != envelope.user_id:
        raise UnreadableMessageError("the body is about another user than the headers say")
    return Content(
        source=event.source,
        id=event.id,
        type=event.type,
        time=event.time or envelope.accepted_at,
        document=body.decode(),
    )
