"""The public shapes of an event.

Source of the format: CloudEvents 1.0, JSON event format, structured mode.
`source` and `id` together are an event's identity.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

Attribute = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class CloudEvent(BaseModel):
    """`subject` is the id of the user whom the event is about."""

    model_config = ConfigDict(extra="allow")

    specversion: Literal["1.0"]
    id: Attribute
    source: Attribute
    type: Attribute
    subject: UUID
    time: AwareDatetime | None = None
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
    """A user's activity, newest first; `total` counts all of it."""

    items: list[ActivityItem]
    total: int
    next_cursor: str | None = None
