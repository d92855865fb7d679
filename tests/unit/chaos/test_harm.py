"""When a drill does too much harm, also when nobody remembers what was before it."""

import pytest

from chaos.errors import BlindError
from chaos.runner.harm import Harm
from chaos.schemas import AbortWhen
from tests.fakes.clock import Clock
from tests.fakes.traffic import FakeTraffic

LIMIT = AbortWhen(error_ratio=0.2, over_seconds=10)


@pytest.fixture
def clock() -> Clock:
    return Clock(5000.0)


@pytest.fixture
def traffic(clock: Clock) -> FakeTraffic:
    return FakeTraffic(rate=50.0, clock=clock)


@pytest.fixture
def harm(traffic: FakeTraffic) -> Harm:
    begun = Harm(traffic, LIMIT)
    begun.begin()
    return begun


@pytest.mark.parametrize(
    ("remembers", "words"),
    [
        (True, "110 of 500 requests failed in 10 s, more than 20% over 10 s"),
        (False, "110 of 110 requests failed in 2 s, more than 20% over 10 s"),
    ],
)
def test_a_fifth_of_a_whole_window_is_the_limit_whoever_remembers_its_beginning(
    harm: Harm, traffic: FakeTraffic, clock: Clock, remembers: bool, words: str
) -> None:
    traffic.scraped_since = 0.0 if remembers else clock.now + 1.0
    traffic.fail(1.0)
    clock.now += 2.0
    assert harm.exceeded() is None
    clock.now += 0.2
    assert harm.exceeded() == words


def test_once_there_is_a_whole_window_the_first_reading_is_of_no_account(
    harm: Harm, traffic: FakeTraffic, clock: Clock
) -> None:
    traffic.scraped_since = clock.now + 1.0
    traffic.fail(1.0)
    clock.now += 2.0
    traffic.fail(0.0)
    clock.now += 12.0
    assert harm.exceeded() is None


def test_without_any_reading_before_it_is_blind(traffic: FakeTraffic, clock: Clock) -> None:
    harm = Harm(traffic, LIMIT)
    traffic.blind = True
    harm.begin()
    traffic.blind, traffic.scraped_since = False, clock.now
    with pytest.raises(BlindError):
        harm.exceeded()


def test_a_few_requests_say_nothing(clock: Clock) -> None:
    quiet = FakeTraffic(rate=1.0, clock=clock)
    harm = Harm(quiet, LIMIT)
    harm.begin()
    quiet.fail(1.0)
    clock.now += 10.0
    assert harm.exceeded() is None
