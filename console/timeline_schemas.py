"""The shape of the timeline: everything that was done or happened, side by side."""

from datetime import datetime
from typing import Literal, get_args

from pydantic import BaseModel, Field

Kind = Literal[
    "deploy",
    "scale",
    "drill",
    "game day",
    "fault",
    "alert",
    "errors",
    "halt",
    "silence",
    "access",
    "sign-in",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Moment(BaseModel):
    """One thing that was done or happened; `at` is its beginning, `name` says it in a word or two.

    `ended_at` is null for what has no length, and for what goes on (`ongoing`).
    `beside` holds the names of what else was the case when it began. `ref` is a run's id, an
    action's, a game day's name, or an alert's.
    """

    at: datetime
    ended_at: datetime | None = None
    ongoing: bool = False
    kind: Kind
    name: str
    title: str
    who: str | None = None
    why: str | None = None
    outcome: str | None = None
    ref: str | None = None
    beside: list[str] = Field(default_factory=list)


class Timeline(BaseModel):
    """Newest first; `more` when the limit cut older ones off, `troubles` what was not to be had."""

    since: datetime
    until: datetime
    moments: list[Moment]
    more: bool
    troubles: list[str]
