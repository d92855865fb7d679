"""Takes an event in: accepted means written, with its message, in one transaction."""

from typing import Any

import asyncpg

from backend.domain.errors import UnknownUserError, UnstorableEventError
from backend.observability.catalogue import EVENTS_ACCEPTED
from backend.observability.metrics import Instruments
from backend.schemas.events import CloudEvent, EventAccepted
from backend.services.change_events import SOURCE
from backend.storage.database import Database
from backend.storage.event_log import Appended, NewEvent, append_event

# The loser of a race for one identity finds the winner's event on its second try;
# a third is for a winner that rolled back in between.
ATTEMPTS = 3


class EventService:
    """The write side of events."""

    def __init__(self, database: Database, instruments: Instruments) -> None:
        self._database = database
        self._accepted = instruments.counter(EVENTS_ACCEPTED)

    async def accept(self, event: CloudEvent, document: dict[str, Any]) -> EventAccepted:
        """Append `event`; `document` is the same as it came, with all its attributes.

        A repeat of source and id is accepted and changes nothing, whatever else
        it says.

        Raises:
            UnknownUserError: the event's subject is no user.
            UnstorableEventError: it holds what PostgreSQL cannot, or claims a source of ours.
            DependencyUnavailableError: PostgreSQL is away. Sending it again is safe.
        """
        if event.source == SOURCE:
            raise UnstorableEventError(f"The source {SOURCE} is the product's own.")
        new = NewEvent(event.source, event.id, event.type, event.subject, event.time, document)
        appended = await self._append(new)
        if appended is None:
            raise UnknownUserError(f"The event's subject {event.subject} is no user.")
        self._accepted.labels(result="repeat" if appended.repeat else "new").inc()
        return EventAccepted(
            source=event.source,
            id=event.id,
            sequence=appended.sequence,
            accepted_at=appended.accepted_at,
            repeat=appended.repeat,
        )

    async def _append(self, event: NewEvent) -> Appended | None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self._database.autocommit() as connection:
                    return await append_event(connection, event)
            except asyncpg.UniqueViolationError:
                if attempt == ATTEMPTS:
                    raise
            except (
                asyncpg.UntranslatableCharacterError,
                asyncpg.CharacterNotInRepertoireError,
            ) as error:
                raise UnstorableEventError("A text holds NUL, which cannot be stored.") from error
        raise AssertionError("unreachable")
