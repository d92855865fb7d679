"""The shaded time of a drill's charts: from each fault to the recovery from it."""

from datetime import UTC, datetime, timedelta

import pytest

from console.clients.readings import Window
from console.schemas import Drill, JournalEntry
from console.views.drill_charts import bands
from tests.fakes import believable

BEGAN = datetime(2026, 11, 22, 10, 15, tzinfo=UTC)
NOW = BEGAN + timedelta(seconds=100)
INJECTING, INJECTED, RECOVERED = "fault.injecting", "fault.injected", "recovered"
Line = tuple[int, str]


def drill(*lines: Line, ended: int | None = None) -> Drill:
    entries = [
        JournalEntry(at=BEGAN + timedelta(seconds=after), kind=kind, message=kind)
        for after, kind in lines
    ]
    times = {"ended_at": None if ended is None else BEGAN + timedelta(seconds=ended)}
    return believable.drill().model_copy(update={"journal": entries, **times})


def shaded(of: Drill) -> list[tuple[float, float]]:
    window = Window.until(NOW, timedelta(seconds=100), 2)
    return [
        ((band.start - BEGAN).total_seconds(), (band.end - BEGAN).total_seconds())
        for band in bands(of, window)
    ]


@pytest.mark.parametrize(
    ("lines", "ended", "expected"),
    [
        ([], None, []),
        ([(1, INJECTING), (2, INJECTED), (9, RECOVERED)], 20, [(2, 9)]),
        ([(1, INJECTING), (2, INJECTED)], None, [(2, 100)]),
        ([(1, INJECTING)], 20, [(1, 20)]),
    ],
)
def test_one_fault_has_one_band(
    lines: list[Line], ended: int | None, expected: list[tuple[float, float]]
) -> None:
    assert shaded(drill(*lines, ended=ended)) == expected


def test_each_of_several_faults_has_its_own() -> None:
    """As in flapping-relay, whose third kill is under way."""
    lines = [(2, INJECTED), (4, RECOVERED), (6, INJECTED), (8, RECOVERED), (10, INJECTED)]
    assert shaded(drill(*lines)) == [(2, 4), (6, 8), (10, 100)]


def test_faults_that_overlap_have_one_up_to_the_last_recovery() -> None:
    """As in slow-burns: a second fault is made before the first has gone."""
    lines = [(2, INJECTED), (5, INJECTING), (6, INJECTED), (8, RECOVERED), (12, RECOVERED)]
    assert shaded(drill(*lines, ended=20)) == [(2, 12)]
