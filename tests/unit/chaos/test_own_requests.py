"""What a drill sends itself, by its actions or by its faults, is no user's."""

from pathlib import Path

import pytest

from chaos.drill import entered
from chaos.errors import ActivityError
from chaos.faults.leased import inject, revert
from chaos.probes.gateway import answers
from chaos.probes.impact import felt
from tests.fakes.drills import fake_drill
from tests.fakes.driver import FakeDriver
from tests.fakes.places import FakePlaces, killing
from tests.fakes.traffic import FakeTraffic


@pytest.fixture
def driver() -> FakeDriver:
    driver = FakeDriver(api=2)
    driver.others = ["gateway"]
    return driver


def test_the_drill_s_own_requests_are_not_taken_for_users(
    tmp_path: Path, driver: FakeDriver
) -> None:
    quiet = FakeTraffic(rate=0)
    drill = fake_drill(tmp_path / "quiet", driver, quiet)
    drill.places = killing(driver)
    with entered(drill):
        inject("kill", "api")
        answers("/v1/users?limit=1")
        quiet.answer_one()
        felt(before_seconds=5.0)
        assert drill.facts.impact is not None
        assert drill.facts.impact.requests == 0
        assert drill.facts.impact.p99_during_seconds is None


@pytest.mark.parametrize("ended", [False, True])
def test_what_a_fault_has_sent_is_not_taken_for_users(
    tmp_path: Path, driver: FakeDriver, ended: bool
) -> None:
    quiet, places = FakeTraffic(rate=0), FakePlaces()
    drill = fake_drill(tmp_path / "quiet", driver, quiet)
    drill.places = places
    with entered(drill):
        inject("flood", "gateway")
        for _ in range(5):
            quiet.answer_one()
        places.of_agent.own_requests = 3
        if ended:
            revert()
        felt(before_seconds=5.0)
    assert drill.facts.impact is not None
    assert drill.facts.impact.requests == 2


def test_what_cannot_be_counted_is_told_once_and_taken_back_all_the_same(
    tmp_path: Path, driver: FakeDriver
) -> None:
    places = FakePlaces()
    drill = fake_drill(tmp_path / "quiet", driver, FakeTraffic())
    drill.places = places
    with entered(drill):
        inject("flood", "gateway")
        places.of_agent.unreadable = places.of_agent.stuck = True
        for _ in range(2):
            with pytest.raises(ActivityError):
                revert()
        places.of_agent.stuck = False
        assert revert()
    assert places.of_agent.held == {}
    told = [words for words in drill.facts.readings if "flood has sent is not known" in words]
    assert len(told) == 1
