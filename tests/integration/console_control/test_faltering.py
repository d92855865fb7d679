"""Restarts and drains whose node agent falters, or is slow, look by look."""

from contextlib import closing
from datetime import timedelta

import pytest

from console.control.errors import UnavailableError
from console.control.services.actions import deed_of
from console.control.wiring import Control
from console.replica_schemas import AsideRequest, RestartRequest
from console.schemas import Action
from deploy.driver import Note
from tests.fixtures.control_service import Service
from tests.fixtures.running import eventually


@pytest.fixture
def three(stopped: Service) -> Service:
    stopped.driver.scale("api", 3)
    stopped.driver.status()
    return stopped


def _followed(control: Control, action: str) -> Action:
    """Look at a restart, as the service does, until it has ended."""

    def look() -> Action:
        control.restarting.follow()
        return control.actions.find(action)

    return eventually(look, lambda row: row.state != "running", "the restart's end")


@pytest.mark.parametrize("target", ["api", "worker"])
def test_a_node_agent_that_falters_once_is_asked_to_restart_again(
    three: Service, target: str
) -> None:
    three.driver.falters = ["restart"]
    with closing(three.wired()) as control:
        wanted = RestartRequest(target=target, reason="a test")
        action = control.restarting.start("ada", wanted).id
        assert _followed(control, action).state == "done"
    whole = ["api-1", "api-2", "api-3"]
    assert three.driver.restarted == (whole if target == "api" else [target])


def test_a_node_agent_that_is_never_able_to_restart_ends_it(three: Service) -> None:
    three.driver.falters = ["restart"] * 1000
    with closing(three.wired()) as control:
        wanted = RestartRequest(target="worker", reason="a test")
        action = control.restarting.start("ada", wanted).id
        control.restarting.follow()
        assert control.actions.find(action).progress.startswith("waiting: the node agent")
        three.clock.ahead = timedelta(seconds=121)
        ended = _followed(control, action)
        assert (ended.state, three.driver.restarted) == ("failed", [])
        assert "the node agent does not answer" in ended.progress


def test_a_node_agent_that_is_away_at_the_first_look_is_waited_for(three: Service) -> None:
    with closing(three.wired()) as control:
        wanted = RestartRequest(target="api", reason="a test")
        action = control.restarting.start("ada", wanted).id
        three.driver.unavailable = True
        control.restarting.follow()
        assert control.actions.find(action).progress.startswith("waiting: the node agent")
        three.driver.unavailable = False
        assert _followed(control, action).state == "done"


def _looked_at_in_between(three: Service, control: Control, patch: pytest.MonkeyPatch) -> None:
    """Let whoever follows drains look between a drain's row and the driver's answer."""
    drain = three.driver.drain

    def slow(replica: str, note: Note, seconds: float | None = None) -> None:
        control.aside.follow()
        drain(replica, note, seconds)

    patch.setattr(three.driver, "drain", slow)


def test_a_drain_is_followed_only_once_it_was_asked_for(
    three: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.driver.in_flight = {"api-3": 1}
    with closing(three.wired()) as control:
        _looked_at_in_between(three, control, monkeypatch)
        action = control.aside.drain("ada", "api-3", AsideRequest(reason="a test"))
        control.aside.follow()
        now = control.actions.find(action.id)
        assert (now.state, now.progress) == ("running", "1 requests in flight")


def test_a_drain_that_is_not_taken_ends_once(
    three: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.driver.falters = ["drain"]
    with closing(three.wired()) as control:
        _looked_at_in_between(three, control, monkeypatch)
        with pytest.raises(UnavailableError):
            control.aside.drain("ada", "api-3", AsideRequest(reason="a test"))
        (ended,) = control.actions.newest(10)
        assert ended.state == "failed"
        assert ended.progress.startswith("not taken: the node agent does not answer")


def test_a_drain_that_a_dead_service_never_asked_for_is_closed_by_the_next(three: Service) -> None:
    with closing(three.wired()) as control:
        row = control.actions.begun("drain", "api-3", "ada", "a test", 1)
        control.actions.admit(row, deed_of(row), "a test")
    three.start()
    with three.operator as operator:
        ended = eventually(
            lambda: operator.get(f"/v1/actions/{row.id}").json(),
            lambda told: told["state"] != "running",
            "the drain's end",
        )
        assert ended["state"] == "failed"
        assert ended["progress"] == "never taken, or put back meanwhile"
    three.stop()
