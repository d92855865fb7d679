"""An event as it travels: what the headers say of it, and the CloudEvent in the body.

The outbox row carries the first group of headers; the consumer adds the second
when it sends a message through a retry or the dead-letter queue. Everything
that the broker itself adds (`x-death` and the like) is left behind on the way:
copied along, its history makes the broker see a dead-letter cycle and drop the
message.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ValidationError

from backend.schemas.events import CloudEvent

USER_ID = "user_id"
SEQUENCE = "sequence"
ACCEPTED_AT = "accepted_at"
REQUEST_ID = "request_id"
TRACEPARENT = "traceparent"
EVENT_TYPE = "event_type"

ATTEMPTS = "pharos-attempts"
DEFERRALS = "pharos-deferrals"

# What the column holds.
LAST_SEQUENCE = 2**63 - 1
# One more of it still fits into every header that can carry a number.
MOST_COUNTED = 2**31 - 2


class UnreadableMessageError(Exception):
    """The message is not one of ours, or is damaged: no later attempt can succeed."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who an event is about and its place in that user's order.

    `attempts` counts the handlings that failed, `deferrals` the waits for a
    predecessor.
    """

    event_key: UUID
    user_id: UUID
    sequence: int
    accepted_at: datetime
    request_id: str | None = None
    traceparent: str | None = None
    event_type: str | None = None
    attempts: int = 0
    deferrals: int = 0

    @classmethod
    def read(cls, message_id: str | None, headers: dict[str, Any]) -> Self:
        """Read the envelope from a message's id and headers.

        Raises:
            UnreadableMessageError: a header is missing or is not what it should be.
        """
        try:
            return cls(
                event_key=UUID(message_id or ""),
                user_id=UUID(headers[USER_ID]),
                sequence=_whole(headers[SEQUENCE], SEQUENCE, 1, LAST_SEQUENCE),
                accepted_at=_with_zone(datetime.fromisoformat(headers[ACCEPTED_AT])),
                request_id=_text(headers.get(REQUEST_ID)),
                traceparent=_text(headers.get(TRACEPARENT)),
                event_type=_text(headers.get(EVENT_TYPE)),
                attempts=_whole(headers.get(ATTEMPTS, 0), ATTEMPTS, 0, MOST_COUNTED),
                deferrals=_whole(headers.get(DEFERRALS, 0), DEFERRALS, 0, MOST_COUNTED),
            )
        except (LookupError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise UnreadableMessageError(f"the headers cannot be read: {error!r}") from error

    def headers(self) -> dict[str, Any]:
        """Return the headers to send it with; what is unknown is left out."""
        named = {
            USER_ID: str(self.user_id),
            SEQUENCE: self.sequence,
            ACCEPTED_AT: self.accepted_at.isoformat(),
            REQUEST_ID: self.request_id,
            TRACEPARENT: self.traceparent,
            EVENT_TYPE: self.event_type,
            ATTEMPTS: self.attempts or None,
            DEFERRALS: self.deferrals or None,
        }
        return {name: value for name, value in named.items() if value is not None}

    def failed_once_more(self) -> Self:
        return replace(self, attempts=self.attempts + 1)

    def deferred_once_more(self) -> Self:
        return replace(self, deferrals=self.deferrals + 1)


def _whole(value: Any, name: str, least: int, most: int) -> int:
    number = int(value)
    if not least <= number <= most:
        raise ValueError(f"{name} goes from {least} to {most}")
    return number


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{ACCEPTED_AT} needs a zone")
    return moment


def read_event(body: bytes) -> CloudEvent:
    """Read the CloudEvent of a message's body.

    Raises:
        UnreadableMessageError: not JSON, or not a CloudEvent of ours.
    """
    try:
        return CloudEvent.model_validate_json(body)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, detail["loc"])) or "body" for detail in error.errors())
        raise UnreadableMessageError(f"the body is not a CloudEvent: {fields}") from error
