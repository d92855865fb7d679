"""When a freeze window holds. Pure."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from console.guard_schemas import FreezeWindow, Weekday

WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = "24:00"


def holds_until(window: FreezeWindow, now: datetime) -> datetime | None:
    """Return the end, in the window's zone, of the time in which `now` falls; null outside."""
    for begins, ends in _times(window, now.astimezone(window.zone).date()):
        # Compared as moments: on the clocks of one zone an hour may come twice.
        if begins.astimezone(UTC) <= now < ends.astimezone(UTC):
            return ends
    return None


def in_words(window: FreezeWindow) -> str:
    """Return when it holds, such as `fri sat 18:00-24:00 Europe/Berlin`."""
    if window.begins is not None and window.ends is not None:
        return f"{_moment(window.begins)} to {_moment(window.ends)} {window.timezone}"
    days = " ".join(window.weekdays) or "daily"
    return f"{days} {window.hours} {window.timezone}"


def _times(window: FreezeWindow, today: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield the times that may hold on a day: the one that begins on it, and on the day before."""
    if window.begins is not None and window.ends is not None:
        yield window.begins.replace(tzinfo=window.zone), window.ends.replace(tzinfo=window.zone)
        return
    first, _, last = (window.hours or "").partition("-")
    begins = time.fromisoformat(first)
    ends = time.min if last == MIDNIGHT else time.fromisoformat(last)
    for day in (today, today - timedelta(days=1)):
        if window.weekdays and WEEK[day.weekday()] not in window.weekdays:
            continue
        closes = day if ends > begins else day + timedelta(days=1)
        yield (
            datetime.combine(day, begins, window.zone),
            datetime.combine(closes, ends, window.zone),
        )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
