"""When requests are due."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.traffic.accesslog import LogLine
from chaos.traffic.pace import constant, recorded, within
from chaos.traffic.trace import Numbered


def entries(seconds: list[int]) -> list[Numbered]:
    return [
        Numbered(number, LogLine("a", datetime.fromtimestamp(at, UTC), "GET", "/", 200, 1))
        for number, at in enumerate(seconds, start=1)
    ]


def test_a_constant_rate_is_evenly_spaced() -> None:
    assert [due for due, _ in constant("abcd", 4)] == [0, 0.25, 0.5, 0.75]


def test_the_recorded_rhythm_is_kept_and_sped_up() -> None:
    assert [due for due, _ in recorded(entries([100, 110, 160]), 100, 10, 0)] == [0, 1, 6]


def test_lines_of_one_second_are_spread_over_it() -> None:
    dues = [due for due, _ in recorded(entries([5, 5, 5, 5, 6]), 5, 2, 0)]
    assert dues == [0, 0.125, 0.25, 0.375, 0.5]


def test_a_repeat_begins_where_it_is_told() -> None:
    assert [due for due, _ in recorded(entries([7, 8]), 7, 1, begin=30)] == [30, 31]


def test_a_schedule_ends_with_its_duration_however_long_its_source_is() -> None:
    assert [item for _, item in within(constant(count(), 10), 0.5)] == [0, 1, 2, 3, 4]


def test_without_a_duration_nothing_is_cut() -> None:
    assert len(list(islice(within(constant(count(), 10), None), 100))) == 100


@given(st.lists(st.integers(0, 1000), min_size=1).map(sorted), st.floats(0.1, 1000))
def test_the_rhythm_never_goes_backwards_and_stays_within_its_second(
    seconds: list[int], speed: float
) -> None:
    dues = [due for due, _ in recorded(entries(seconds), seconds[0], speed, 0)]
    assert dues == sorted(dues)
    for due, second in zip(dues, seconds, strict=True):
        begin = (second - seconds[0]) / speed
        assert begin - 1e-9 <= due < begin + 1 / speed + 1e-9


def test_a_schedule_reads_no_further_than_it_must() -> None:
    def once() -> Iterator[str]:
        yield "first"
        pytest.fail("read ahead")

    assert next(constant(once(), 1)) == (0, "first")
