"""Which drill a schedule starts on which day, and when: by its seed and the day alone.

Nothing is remembered: any process that asks for a day gets the same turn, before it and
after it, and no restart draws again.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from console.schedule_schemas import ScheduleSpec, Turn
from console.schemas import Experiment

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_AHEAD = 400


def eligible(spec: ScheduleSpec, experiments: Sequence[Experiment]) -> list[str]:
    """Return the experiments that the schedule chooses among, sorted.

    One that says of no fault whom it hits is never among them.
    """
    named = {
        each.name: {hit.target for hit in each.hits}
        for each in experiments
        if each.name in spec.experiments or set(each.tags) & set(spec.tags)
    }
    return sorted(name for name, hit in named.items() if hit and hit <= set(spec.targets))


def turn_on(spec: ScheduleSpec, day: date, among: Sequence[str]) -> Turn | None:
    """Return the day's turn; None on a day that has none.

    The draws are always made in the same order, so that another list of experiments
    changes what is chosen and neither whether nor when.
    """
    days = set(spec.weekdays)
    if WEEKDAYS[day.weekday()] not in days:
        return None
    draws = random.Random(f"{spec.seed or spec.name} {day.isoformat()}")  # noqa: S311 - no secret
    chance, when, which = draws.random(), draws.random(), draws.random()
    if spec.mean_per_week is not None and chance >= spec.mean_per_week / len(days):
        return None
    begin, end = _window(spec, day)
    at = begin + timedelta(seconds=int(when * (end - begin).total_seconds()))
    chosen = sorted(among)[int(which * len(among))] if among else None
    return Turn(schedule=spec.name, at=at, experiment=chosen)


def turns(spec: ScheduleSpec, after: datetime, among: Sequence[str]) -> Iterator[Turn]:
    """Yield the turns later than `after`, in order, for more than a year."""
    first = after.astimezone(ZoneInfo(spec.timezone)).date()
    for ahead in range(DAYS_AHEAD):
        turn = turn_on(spec, first + timedelta(days=ahead), among)
        if turn is not None and turn.at > after:
            yield turn


def _window(spec: ScheduleSpec, day: date) -> tuple[datetime, datetime]:
    """Return both ends in UTC, so that a change of the clocks only moves them."""
    begin, end = spec.hours.split("-")
    return _moment(spec, day, begin), _moment(spec, day, end)


def _moment(spec: ScheduleSpec, day: date, clock: str) -> datetime:
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(spec.timezone))
    return local.astimezone(ZoneInfo("UTC"))
