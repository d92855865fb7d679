"""What the control service's guards answer before a drill, and its windows without drills.

Shapes of `console.guard_schemas`; a contract test holds them together.
"""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NaiveDatetime

from chaos.schemas import GuardProfile


class GuardAnswer(BaseModel):
    """One guard's answer; `unknown` lets nothing start either."""

    model_config = ConfigDict(frozen=True)

    guard: str
    answer: Literal["ok", "refused", "unknown"]
    reason: str
    remedy: str | None = None


class GuardAnswers(BaseModel):
    """What every guard of a profile says of an experiment now."""

    experiment: str
    profile: GuardProfile
    allowed: bool
    guards: list[GuardAnswer]


class Freeze(BaseModel):
    """A time in which no drill starts, each week or once; `holds_until` is null outside of it."""

    model_config = ConfigDict(populate_by_name=True)

    name: str
    reason: str
    timezone: str = "UTC"
    weekdays: list[str] = Field(default_factory=list)
    hours: str | None = None
    begins: NaiveDatetime | None = Field(default=None, alias="from")
    ends: NaiveDatetime | None = Field(default=None, alias="to")
    holds_until: AwareDatetime | None = None
