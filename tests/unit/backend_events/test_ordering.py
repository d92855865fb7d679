"""Where a delivered event stands, and what becomes of one that failed."""

from hypothesis import given
from hypothesis import strategies as st

from backend.domain.ordering import Apply, Dead, Defer, Duplicate, Retry, after_failure, place

DELAYS = (1.0, 5.0, 25.0)


def test_the_next_event_of_a_stream_is_applied() -> None:
    assert place(1, applied=0) == Apply()
    assert place(8, applied=7) == Apply()


def test_an_event_at_or_before_the_applied_one_is_a_duplicate() -> None:
    assert place(7, applied=7) == Duplicate()
    assert place(1, applied=7) == Duplicate()


def test_an_event_after_a_gap_waits() -> None:
    assert place(9, applied=7) == Defer()


@given(st.permutations(range(1, 8)))
def test_any_order_of_arrival_is_applied_in_the_order_of_the_sequences(arrivals: list[int]) -> None:
    applied: list[int] = []
    waiting = list(arrivals)
    while waiting:
        event = waiting.pop(0)
        placement = place(event, len(applied))
        assert placement != Duplicate()
        (applied if placement == Apply() else waiting).append(event)
    assert applied == list(range(1, 8))


def test_a_failed_event_is_retried_with_growing_delays() -> None:
    decisions = [after_failure(attempts, DELAYS, "ValueError") for attempts in (1, 2, 3)]
    assert decisions == [Retry(1.0), Retry(5.0), Retry(25.0)]


def test_an_event_that_failed_once_more_than_there_are_delays_is_dead() -> None:
    assert after_failure(4, DELAYS, "ValueError") == Dead("failed 4 times, last: ValueError")
