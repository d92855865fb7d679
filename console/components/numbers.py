"""How numbers are written: base units in, text in the unit of the column out; "—" for none."""

from collections.abc import Callable
from datetime import datetime, tzinfo

NONE = "—"
MEBIBYTE = 1024 * 1024

Writer = Callable[[float | None], str]


def per_second(value: float | None) -> str:
    """Two decimals below 100, so that a trickle does not read as nothing."""
    if value is None:
        return NONE
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.2f}"


def milliseconds(seconds: float | None) -> str:
    if seconds is None:
        return NONE
    value = seconds * 1000
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"


def percent(ratio: float | None) -> str:
    """Three decimals below 0.1 %: one failure in a million must not read as none."""
    if ratio is None:
        return NONE
    value = ratio * 100
    return f"{value:.3f}" if 0 < value < 0.1 else f"{value:.2f}"


def core_percent(ratio: float | None) -> str:
    return NONE if ratio is None else f"{ratio * 100:.1f}"


def mebibytes(value: float | None) -> str:
    return NONE if value is None else f"{value / MEBIBYTE:,.1f}"


def whole(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f}"


def seconds(value: float | None) -> str:
    return NONE if value is None else f"{value:,.1f}"


def clock(at: datetime | None, zone: tzinfo) -> str:
    return NONE if at is None else f"{at.astimezone(zone):%H:%M:%S}"


def moment(at: datetime | None, zone: tzinfo) -> str:
    return NONE if at is None else f"{at.astimezone(zone):%d %b, %H:%M:%S}"


def lasted(duration: float | None) -> str:
    """Write a duration in seconds as a reader says it: 4.2 s, 3 min 5 s, 2 h 10 min, 3 d 4 h."""
    if duration is None:
        return NONE
    if duration < 60:
        return f"{duration:.1f} s"
    minutes, rest = divmod(int(duration), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"
