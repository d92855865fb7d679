"""Latencies, the tally, and the generator's judgement of itself."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.traffic.latency import Latencies
from chaos.traffic.strain import Strain
from chaos.traffic.tally import MAX_REASONS, Outcome, Tally


@given(st.lists(st.floats(1e-5, 3600), min_size=1), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_exact_to_one_percent(values: list[float], share: float) -> None:
    latencies = Latencies()
    for value in values:
        latencies.add(value)
    exact = sorted(values)[max(1, math.ceil(share * len(values))) - 1]
    assert latencies.quantile(share) == pytest.approx(exact, rel=0.0101)


def test_nothing_has_no_quantile() -> None:
    assert Latencies().quantile(0.99) is None


def test_a_latency_of_zero_counts() -> None:
    latencies = Latencies()
    latencies.add(0.0)
    assert latencies.quantile(0.5) == pytest.approx(0, abs=1e-4)


def test_the_rate_counts_intervals_and_not_posts() -> None:
    tally = Tally()
    for at in (10.0, 10.5, 11.0):
        tally.begin(at)
    assert tally.rate == 2.0


def test_reasons_are_grouped_and_bounded() -> None:
    tally = Tally()
    for number in range(3 * MAX_REASONS):
        tally.end(Outcome(reason=f"reason {number}"), 0.1)
    assert tally.failed == 3 * MAX_REASONS
    assert len(tally.reasons) == MAX_REASONS + 1


class Clocks:
    """A wall clock and a processor clock that go as told."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def pass_by(self, strain: Strain, busy: float, samples: int) -> None:
        for _ in range(samples):
            self.wall += 0.5
            self.cpu += 0.5 * busy
            strain.sample()


def strained() -> tuple[Strain, Clocks]:
    clocks = Clocks()
    return Strain(lambda: clocks.wall, lambda: clocks.cpu), clocks


def test_a_generator_with_room_says_nothing() -> None:
    strain, clocks = strained()
    clocks.pass_by(strain, busy=0.8, samples=20)
    strain.left(0.002)
    assert strain.verdict() is None


def test_a_generator_that_needs_a_whole_core_says_so() -> None:
    strain, clocks = strained()
    clocks.pass_by(strain, busy=0.99, samples=20)
    assert "whole core" in (strain.verdict() or "")


def test_a_generator_that_sends_late_says_so() -> None:
    strain, _ = strained()
    for _ in range(98):
        strain.left(0.001)
    for _ in range(2):
        strain.left(0.2)
    assert "late" in (strain.verdict() or "")
