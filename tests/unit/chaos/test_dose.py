"""The dose of a burn-rate alert, over windows that are played through event by event."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.probes.dose import Window

LIMIT = 0.06
HALF_AN_HOUR = 1800.0


@dataclass(frozen=True)
class Traffic:
    """Even traffic since `age` seconds ago, of which `share` fails from now on."""

    rate: float
    age: float
    share: float

    def window(self, seconds: float) -> Window:
        return Window(seconds, self.rate * min(self.age, seconds), bad=0.0, rate=self.rate)

    def ratio(self, seconds: float, lasted: float, now: float) -> float:
        """Return the error ratio over the window that ends `now` seconds from now."""
        begins = max(now - seconds, -self.age)
        bad = self.share * max(0.0, min(lasted, now) - max(0.0, begins))
        return bad / (now - begins)


@given(
    rate=st.floats(1, 500),
    age=st.floats(60, 86_400),
    share=st.floats(0.1, 1.0),
    ahead=st.floats(0, 300),
)
def test_a_dose_fills_its_window_for_as_long_as_it_is_to_burn(
    rate: float, age: float, share: float, ahead: float
) -> None:
    """Whatever the dose takes to come, and whether the window was full or not."""
    traffic = Traffic(rate, age, share)
    window = traffic.window(HALF_AN_HOUR)
    lasted = 0.0
    while traffic.share * rate * lasted < window.lacks(LIMIT, lasted + ahead):
        lasted += 0.25
    burning = traffic.ratio(HALF_AN_HOUR, lasted, lasted + ahead)
    assert burning >= 0.98 * LIMIT


def test_a_dose_that_takes_longer_is_larger_where_the_window_is_not_full() -> None:
    young = Window(3600, events=48_000, bad=0, rate=50)
    assert young.lacks(0.06, 300) - young.lacks(0.06, 100) == pytest.approx(0.06 * 50 * 200)


def test_in_a_full_window_what_comes_replaces_what_leaves() -> None:
    full = Window(3600, events=180_000, bad=0, rate=50)
    assert full.lacks(0.06, 300) == full.lacks(0.06, 0) == pytest.approx(0.06 * 180_000)


def test_what_was_bad_before_counts_as_long_as_it_stays() -> None:
    full = Window(3600, events=180_000, bad=1000, rate=50)
    lacking = [full.lacks(0.06, ahead) for ahead in (0, 1800, 3600, 7200)]
    assert lacking == pytest.approx([9_800, 10_300, 10_800, 10_800])


def test_heavier_traffic_before_is_not_thought_away() -> None:
    busier = Window(3600, events=360_000, bad=0, rate=50)
    assert busier.lacks(0.06, 300) == pytest.approx(0.06 * 360_000)


def test_without_any_event_nothing_is_lacking() -> None:
    assert Window(3600, events=0, bad=0, rate=0).lacks(0.06, 300) == 0
