"""The public shapes of an event.

Source of the format: CloudEvents 1.0, JSON event format, structured mode.
`source` and `id` together are an event's identity.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

# CloudEvents 1.0 excludes control characters from strings.
Attribute = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"),
]


def _fit_routing_key(value: str) -> str:
    if len(value.encode()) > 255:
        raise ValueError("must not be longer than 255 bytes in UTF-8")
    return value


# The type becomes the message's routing key: AMQP's short string, counted in bytes.
EventType = Annotated[Attribute, AfterValidator(_fit_routing_key)]


def _within_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie within the years 1 to 9999 in UTC") from None


class CloudEvent(BaseModel):
    """`subject` is the id of the user whom the event is about."""

    model_config = ConfigDict(extra="allow")

    specversion: Literal["1.0"]
    id: Attribute
    source: Attribute
    type: EventType
    subject: UUID
    time: Annotated[AwareDatetime, AfterValidator(_within_utc)] | None = None
    datacontenttype: Literal["application/json"] | None = None
    dataschema: str | None = None
    data: Any = None


class EventAccepted(BaseModel):
    """The answer to a posted event; the same for a repeat, but for `repeat`."""

    source: str
    id: str
    sequence: int
    accepted_at: datetime
    repeat: bool


class ActivityItem(BaseModel):
    """One event of a user in the read model; `sequence` orders them."""

    source: str
    id: str
    type: str
    sequence: int
    time: datetime
    data: Any = None


class ActivityPage(BaseModel):
    """A user's activity, newest first; `total` counts all of it.

    A page of large events has fewer than were asked for: `next_cursor` leads on.
    """

    items: list[ActivityItem]
    total: int
    next_cursor: str | None = None
