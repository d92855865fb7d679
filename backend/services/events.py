"""Takes an event in: accepted means written, with its message, in one transaction."""

from typing import Any

from backend.domain.errors import UnknownUserError, UnstorableEventError
from backend.schemas.events import CloudEvent, EventAccepted
from backend.services.accepted import AcceptedEvents
from backend.services.change_events import SOURCE
from backend.storage.database import Database
from backend.storage.event_log import NewEvent, append_event


class EventService:
    """The write side of events."""

    def __init__(self, database: Database, accepted: AcceptedEvents) -> None:
        self._database = database
        self._accepted = accepted

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
            raise UnstorableEventError(
                "source", f"The source {SOURCE} is the product's own: send another one."
            )
        new = NewEvent(event.source, event.id, event.type, event.subject, event.time, document)
        async with self._database.autocommit() as connection:
            appended = await append_event(connection, new)
        if appended is None:
            raise UnknownUserError(f"The event's subject {event.subject} is no user.")
        count = self._accepted.repeat if appended.repeat else self._accepted.new
        count(event.type)
        return EventAccepted(
            source=event.source,
            id=event.id,
            sequence=appended.sequence,
            accepted_at=appended.accepted_at,
            repeat=appended.repeat,
        )
