"""Scalings that fail for want of a node agent, and a history that is written anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.client import ControlAwayError, ControlRefusedError
from chaos.drill import Drill, entered
from chaos.errors import ActivityError
from chaos.faults.asking import scale_without_agent
from chaos.faults.history import RECORDED, written
from tests.fakes.drills import fake_drill
from tests.fakes.driver import FakeDriver
from tests.fakes.numbers import FakeNumbers
from tests.fakes.operators import FakeControl
from tests.fakes.places import FakePlaces

AWAY = ControlAwayError("the node agent does not answer")


@pytest.fixture
def places() -> FakePlaces:
    return FakePlaces()


@pytest.fixture
def drill(tmp_path: Path, places: FakePlaces) -> Iterator[Drill]:
    driver = FakeDriver()
    driver.others = ["agent"]
    drill = fake_drill(tmp_path / "20260101T000000-0001", driver)
    drill.places = places
    with entered(drill):
        yield drill


def test_scalings_to_what_there_is_fail_until_there_were_enough(
    drill: Drill, places: FakePlaces
) -> None:
    drill.control = control = FakeControl(AWAY, AWAY, AWAY)
    assert scale_without_agent("api", failures=3) == "3 scalings failed"
    assert {(role, count) for role, count, _ in control.asked} == {("api", 2)}
    assert [each.target for each in places.of_agent.asked] == ["agent"]


@pytest.mark.parametrize("answer", [None, ControlRefusedError("it is being scaled already")])
def test_an_agent_that_is_back_too_soon_is_an_action_that_failed(
    drill: Drill, answer: ControlRefusedError | None
) -> None:
    drill.control = FakeControl(AWAY, answer)
    with pytest.raises(ActivityError, match="only 1 of 3 scalings failed"):
        scale_without_agent("api", failures=3)


def test_without_a_control_service_each_scaling_fails_before_it_is_asked_for(drill: Drill) -> None:
    assert scale_without_agent("api", failures=1) == "1 scalings failed"


def test_a_history_is_there_once_its_windows_were_recorded_after_the_kill(
    drill: Drill, places: FakePlaces
) -> None:
    drill.history = FakeNumbers({RECORDED: 1e12})
    written(within=5)
    assert [each.target for each in places.of_agent.asked] == ["history"]
    assert drill.facts.fault_at is None


def test_what_the_last_history_recorded_does_not_count(drill: Drill) -> None:
    drill.history = FakeNumbers({RECORDED: 1.0})
    with pytest.raises(ActivityError, match="was not there within"):
        written(within=0.1)


def test_a_stack_without_a_history_says_so(drill: Drill, places: FakePlaces) -> None:
    places.of_agent.refuses = True
    with pytest.raises(ActivityError, match="was not written anew"):
        written(within=1)
