"""How many failures a burn-rate alert takes: enough for it to fire, and no more."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.objectives.document import load_slos
from alerts.objectives.model import Delay
from alerts.objectives.selecting import counted_bad
from chaos.drill import Drill, entered
from chaos.errors import BlindError, NotSpentError
from chaos.probes.budget import measured, spent, tipped
from tests.fakes.drills import fake_drill
from tests.fakes.numbers import FakeNumbers
from tests.fixtures.running import PATIENCE

SLOS = {slo.name: slo for slo in load_slos()}
AVAILABILITY, FRESHNESS = "api-availability", "event-freshness"
RATE = 50.0


class Stack:
    """One that has run for `seconds` at `rate` a second; `bad` of them failed in a window."""

    def __init__(self, slo: str, seconds: float, bad: float = 0.0, rate: float = RATE) -> None:
        self.numbers = FakeNumbers()
        self.failed = 0.0
        self.asked_at: list[float | None] = []
        values = self.numbers.values
        values[f'slo:sli_total:rate1m{{slo="{slo}"}}'] = rate
        for window, length in {"5m": 300, "30m": 1800, "1h": 3600, "2h": 7200, "6h": 21600}.items():
            total = rate * min(seconds, length)
            series = f'sum_over_time(slo:sli_total:rate1m{{slo="{slo}"}}[{window}])'
            values[series] = total / 15
            values[f'slo:sli_error:ratio_rate{window}{{slo="{slo}"}}'] = bad / total
        day = f'sum_over_time(slo:sli_total:rate1m{{slo="{slo}"}}[1d])'
        values[day], values[f'slo:sli_error:ratio_rate1d{{slo="{slo}"}}'] = 1000.0, 1.0
        values[counted_bad(SLOS[slo].indicator)] = self._count

    def _count(self, at: float | None) -> float:
        """Count 5 more failures at each look; at a time gone by there was none."""
        self.asked_at.append(at)
        if at is not None:
            return 0.0
        self.failed += 5
        return self.failed


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Drill]:
    with entered(fake_drill(tmp_path / "20260101T000000-0001")) as drill:
        drill.facts.begin_fault(datetime.now(UTC), 0.0)
        yield drill


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [(600, 25, 30), (1800, 63, 70), (24 * 3600, 272, 280)],
    ids=["young: 6 h and 30 min", "half an hour: the same", "old: 1 h and 5 min"],
)
def test_a_fast_alert_takes_as_much_as_its_windows_have_of_good_answers(
    drill: Drill, seconds: float, least: float, most: float
) -> None:
    drill.numbers = Stack(AVAILABILITY, seconds).numbers
    assert least <= spent(AVAILABILITY, within=PATIENCE) <= most


def test_what_failed_before_is_not_asked_for_again(drill: Drill) -> None:
    drill.numbers = Stack(AVAILABILITY, 1800, bad=50).numbers
    assert spent(AVAILABILITY, within=PATIENCE) <= 15


def test_it_takes_at_least_the_failures_below_which_nobody_is_called(drill: Drill) -> None:
    drill.numbers = Stack(AVAILABILITY, 10).numbers
    assert spent(AVAILABILITY, within=PATIENCE) > SLOS[AVAILABILITY].fewest_bad


def test_a_history_is_tipped_by_what_its_two_hours_lack(drill: Drill) -> None:
    drill.numbers = Stack(AVAILABILITY, 600).numbers
    drill.history = Stack(AVAILABILITY, 24 * 3600, bad=0.95 * 0.0003 * 7200 * RATE).numbers
    assert 10 <= tipped(AVAILABILITY, within=PATIENCE) <= 15


def test_what_is_late_is_counted_from_what_entered_after_the_fault(drill: Drill) -> None:
    stack = Stack(FRESHNESS, 600)
    drill.numbers = stack.numbers
    spent(FRESHNESS, within=PATIENCE)
    indicator = SLOS[FRESHNESS].indicator
    begun = max(at for at in stack.asked_at if at is not None)
    assert isinstance(indicator, Delay)
    assert begun == pytest.approx(time.time() + 2 + indicator.seconds, abs=30)


def test_a_stack_that_just_started_is_waited_for_until_its_rates_are_recorded(
    drill: Drill,
) -> None:
    stack = Stack(AVAILABILITY, 60)
    rate = stack.numbers.values.pop(f'slo:sli_total:rate1m{{slo="{AVAILABILITY}"}}')
    drill.numbers = stack.numbers
    with pytest.raises(BlindError, match=r"none came within 0\.1 s: is there"):
        measured(AVAILABILITY, within=0.1)
    stack.numbers.values[f'slo:sli_total:rate1m{{slo="{AVAILABILITY}"}}'] = rate
    assert measured(AVAILABILITY, within=PATIENCE)


def test_a_fault_that_hurts_too_little_is_said_with_both_numbers(drill: Drill) -> None:
    stack = Stack(AVAILABILITY, 1800)
    stack.numbers.values[counted_bad(SLOS[AVAILABILITY].indicator)] = 3.0
    drill.numbers = stack.numbers
    with pytest.raises(NotSpentError, match="only 0 of the 63 requests"):
        spent(AVAILABILITY, within=0.1)


def test_what_comes_while_the_fault_lasts_dilutes_it(drill: Drill) -> None:
    stack = Stack(AVAILABILITY, 1800, rate=1_000_000)
    drill.numbers = stack.numbers
    stack.numbers.values[counted_bad(SLOS[AVAILABILITY].indicator)] = 3.0
    needed = []
    for within in (0.1, 0.5):
        with pytest.raises(NotSpentError) as caught:
            spent(AVAILABILITY, within=within)
        needed.append(float(str(caught.value).split()[4]))
    # 0.06 % of what comes in 0.4 s, and the margin.
    assert needed[1] - needed[0] == pytest.approx(0.0006 * 400_000 * 1.05, rel=0.01)


def test_one_answer_that_does_not_come_ends_no_dose(drill: Drill) -> None:
    stack = Stack(AVAILABILITY, 600)
    counted = stack.numbers.values[counted_bad(SLOS[AVAILABILITY].indicator)]
    silent = iter([True, False, True])

    def now_and_then(at: float | None) -> float:
        if at is None and next(silent, False):
            raise BlindError("Prometheus does not answer")
        assert callable(counted)
        return counted(at)

    stack.numbers.values[counted_bad(SLOS[AVAILABILITY].indicator)] = now_and_then
    drill.numbers = stack.numbers
    assert spent(AVAILABILITY, within=PATIENCE) >= 24


def test_a_dose_that_could_not_be_counted_in_the_end_is_not_said_to_be_too_small(
    drill: Drill,
) -> None:
    def never(at: float | None) -> float:
        raise BlindError("Prometheus does not answer")

    stack = Stack(AVAILABILITY, 600)
    stack.numbers.values[counted_bad(SLOS[AVAILABILITY].indicator)] = never
    drill.numbers = stack.numbers
    with pytest.raises(BlindError, match="as far as was seen: Prometheus does not answer"):
        spent(AVAILABILITY, within=0.1)


def test_without_a_fault_nothing_is_spent(tmp_path: Path) -> None:
    with entered(fake_drill(tmp_path / "20260101T000000-0002")) as drill:
        drill.numbers = Stack(AVAILABILITY, 600).numbers
        with pytest.raises(BlindError, match="nothing was injected"):
            spent(AVAILABILITY, within=1)


def test_an_unknown_objective_is_a_fault_of_the_experiment() -> None:
    check = spent.check  # type: ignore[attr-defined]
    assert list(check(slo="api-availability", within=1)) == []
    assert "name one of api-availability" in next(iter(check(slo="speed", within=1)))[1]
