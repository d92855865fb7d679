"""Schedules: which drills are started by themselves, when, and how each turn is chosen."""

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from console.guard_schemas import Weekday, hours_of_day, time_zone
from console.reason_schemas import Reason

WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


def _within_a_day(text: str) -> str:
    begin, _, end = hours_of_day(text).partition("-")
    if begin >= end:
        raise ValueError(f"{text!r} ends before it begins: give hours within one day")
    return text


class ScheduleSpec(BaseModel):
    """One turn in the `hours` of each of the `weekdays`, or `mean_per_week` of them by chance.

    What may be chosen are the experiments of these names or tags, and of those only the ones
    whose every hit is among `targets`: what nobody has opted in is never hit. The same `seed`
    and day give the same choice; it is the schedule's name where none is given.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    reason: Reason
    experiments: list[Text] = Field(default_factory=list)
    tags: list[Text] = Field(default_factory=list)
    targets: Annotated[list[Text], Field(min_length=1)]
    weekdays: Annotated[list[Weekday], Field(min_length=1)] = list(WORKDAYS)
    hours: Annotated[str, AfterValidator(_within_a_day)] = "09:00-15:00"
    timezone: Annotated[str, AfterValidator(time_zone)] = "UTC"
    seed: Text | None = None
    mean_per_week: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _chooses_something(self) -> Self:
        if not (self.experiments or self.tags):
            raise ValueError("chooses among nothing: give experiments or tags")
        if self.mean_per_week is not None and self.mean_per_week > len(set(self.weekdays)):
            raise ValueError(
                f"mean_per_week is at most {len(set(self.weekdays))}: there is one turn a weekday"
            )
        return self


class Turn(BaseModel):
    """An experiment that is to be started then; null where none of the schedule's may be."""

    schedule: str
    at: AwareDatetime
    experiment: str | None


class Schedule(ScheduleSpec):
    """A schedule that stands: `eligible` is what it chooses among today."""

    created_by: str
    created_at: AwareDatetime
    eligible: list[str]
    next: Turn | None
