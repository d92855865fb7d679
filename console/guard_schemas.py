"""What the guards answer before a drill, and the windows in which none starts."""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    NaiveDatetime,
    StringConstraints,
    model_validator,
)

from console.reason_schemas import Reason
from console.schemas import GuardProfile

GuardName = Literal[
    "environment",
    "halt",
    "overlap",
    "needs",
    "blast-radius",
    "page-firing",
    "budget-left",
    "headroom",
    "freeze-window",
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


class GuardAnswer(BaseModel):
    """One guard's answer. `unknown`, where it cannot tell, lets nothing start either.

    `reason` is in numbers; `remedy` says what to do where the answer is not ok.
    """

    guard: GuardName
    answer: Literal["ok", "refused", "unknown"]
    reason: str
    remedy: str | None = None


class GuardAnswers(BaseModel):
    """What every guard of the profile says of an experiment now; nothing was started."""

    experiment: str
    profile: GuardProfile
    allowed: bool
    guards: list[GuardAnswer]


def hours_of_day(text: str) -> str:
    """Return the hours as they are; raises ValueError where they are none."""
    if HOURS.fullmatch(text) is None:
        raise ValueError(f"{text!r} are no hours: give two times of day, such as 18:00-24:00")
    return text


def time_zone(name: str) -> str:
    """Return the name as it is; raises ValueError where no zone is called so."""
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is no time zone: give a name such as UTC or Europe/Berlin"
        ) from None
    return name


class FreezeWindow(BaseModel):
    """A time in which no drill starts, by the clocks of `timezone`.

    Each week: `hours` of the `weekdays` on which they begin, of every day where none is
    named; they go past midnight where the second time is not after the first. Or once:
    `from` a moment `to` another. `reason` says why.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    reason: Reason
    timezone: Annotated[str, AfterValidator(time_zone)] = "UTC"
    weekdays: list[Weekday] = Field(default_factory=list)
    hours: Annotated[str, AfterValidator(hours_of_day)] | None = None
    begins: NaiveDatetime | None = Field(default=None, alias="from")
    ends: NaiveDatetime | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _weekly_or_once(self) -> "FreezeWindow":
        once = self.begins is not None and self.ends is not None
        half = (self.begins is None) != (self.ends is None)
        if half or once == (self.hours is not None) or (once and self.weekdays):
            raise ValueError(
                "is neither weekly nor once: give hours (and weekdays), or from and to"
            )
        if self.begins is not None and self.ends is not None and self.begins >= self.ends:
            raise ValueError(f"ends before it begins: give a `to` after {self.begins.isoformat()}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Freeze(FreezeWindow):
    """A window, and until when it holds; null while it does not hold."""

    holds_until: AwareDatetime | None = None
