"""The circuit breaker, on a clock of the test's own."""

import pytest

from backend.domain.errors import DatabaseBusyError, DependencyUnavailableError
from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.resilience.breaker import Breaker, BreakerSignals, State
from tests.fakes.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    signals = BreakerSignals(Instruments(Process.API, "1"))
    return Breaker("redis", signals, threshold=3, retry_seconds=2, clock=clock)


def _fail(breaker: Breaker) -> None:
    with pytest.raises(DependencyUnavailableError, match="down"), breaker.guard():
        raise DependencyUnavailableError("redis", "down")


def _succeed(breaker: Breaker) -> None:
    with breaker.guard():
        pass


def _be_busy(breaker: Breaker) -> None:
    with pytest.raises(DatabaseBusyError), breaker.guard():
        raise DatabaseBusyError


def _opened(breaker: Breaker) -> Breaker:
    for _ in range(3):
        _fail(breaker)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    _fail(breaker)
    _fail(breaker)
    before = breaker.state
    _fail(breaker)
    assert (before, breaker.state) == (State.CLOSED, State.OPEN)


def test_a_success_in_between_starts_the_count_anew(breaker: Breaker) -> None:
    for _ in range(5):
        _fail(breaker)
        _fail(breaker)
        _succeed(breaker)
    assert breaker.state is State.CLOSED


def test_an_answer_that_is_an_error_is_no_failure_of_the_dependency(breaker: Breaker) -> None:
    for _ in range(5):
        with pytest.raises(KeyError), breaker.guard():
            raise KeyError
    assert breaker.state is State.CLOSED


def test_while_open_it_refuses_and_says_when_to_come_again(breaker: Breaker) -> None:
    entered = False
    with pytest.raises(DependencyUnavailableError) as refused, _opened(breaker).guard():
        entered = True
    assert not entered
    assert refused.value.retry_after == 2


def test_after_a_while_one_call_tries_and_its_success_closes_it(
    breaker: Breaker, clock: Clock
) -> None:
    _opened(breaker)
    clock.now += 2
    with breaker.guard(), pytest.raises(DependencyUnavailableError), breaker.guard():
        pytest.fail("a second call tried as well")
    assert breaker.state is State.CLOSED


def test_a_trial_that_fails_opens_it_again(breaker: Breaker, clock: Clock) -> None:
    _opened(breaker)
    clock.now += 2
    _fail(breaker)
    assert breaker.state is State.OPEN
    clock.now += 1.9
    with pytest.raises(DependencyUnavailableError, match="a moment ago"):
        _succeed(breaker)


def test_a_call_from_before_it_opened_does_not_close_it(breaker: Breaker) -> None:
    with breaker.guard():
        _opened(breaker)
    assert breaker.state is State.OPEN


def test_a_trial_that_was_cancelled_leaves_the_next_call_to_try(
    breaker: Breaker, clock: Clock
) -> None:
    _opened(breaker)
    clock.now += 2
    with pytest.raises(KeyboardInterrupt), breaker.guard():
        raise KeyboardInterrupt
    _succeed(breaker)
    assert breaker.state is State.CLOSED


def test_a_busy_dependency_is_not_away_however_long_it_is_busy(breaker: Breaker) -> None:
    for _ in range(10):
        _be_busy(breaker)
    assert breaker.state is State.CLOSED


def test_a_busy_answer_does_not_hide_an_outage(breaker: Breaker) -> None:
    _fail(breaker)
    _be_busy(breaker)
    _fail(breaker)
    _be_busy(breaker)
    _fail(breaker)
    assert breaker.state is State.OPEN
