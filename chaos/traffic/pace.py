"""When each request is due, in seconds from the start of the run.

A schedule yields `(due, item)`; it is lazy and may be endless: `within` ends it.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, takewhile
from typing import TypeVar

from chaos.traffic.trace import Numbered

T = TypeVar("T")


def constant(items: Iterable[T], rate: float) -> Iterator[tuple[float, T]]:
    """Space the items evenly: `rate` of them a second, the first at once."""
    return ((index / rate, item) for index, item in enumerate(items))


def recorded(
    lines: Iterable[Numbered], first: int, speed: float, begin: float
) -> Iterator[tuple[float, Numbered]]:
    """Keep the rhythm of lines that are sorted by time, `speed` times faster.

    `first` is the Unix time that falls on `begin`. A log's clock ticks once a
    second: the lines of one second are spread over it evenly, since sending
    them at once would be a rhythm that was never recorded.
    """
    for second, group in groupby(lines, key=lambda entry: int(entry.line.time.timestamp())):
        same = list(group)
        for index, entry in enumerate(same):
            yield begin + (second - first + index / len(same)) / speed, entry


def within(schedule: Iterable[tuple[float, T]], seconds: float | None) -> Iterator[tuple[float, T]]:
    """End the schedule after `seconds`; None lets it run out."""
    if seconds is None:
        return iter(schedule)
    return takewhile(lambda turn: turn[0] < seconds, schedule)
