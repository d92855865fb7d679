"""Scaling over HTTP: guards, progress, and what a restart of the service leaves of it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.replica_load import even_load
from tests.fixtures.control_service import Service
from tests.fixtures.running import eventually

STUCK = {"api-3"}


def _scale(client: httpx.Client, count: int, role: str = "api") -> httpx.Response:
    return client.post("/v1/scale", json={"role": role, "count": count, "reason": "a test"})


def _ended(client: httpx.Client, action: str) -> dict[str, Any]:
    return eventually(
        lambda: client.get(f"/v1/actions/{action}").json(),
        lambda row: row["state"] != "running",
        "the action's end",
    )


def _outcomes(client: httpx.Client) -> list[str]:
    """Return the outcomes of all scalings, oldest first."""
    rows = client.get("/v1/audit").json()
    return [row["outcome"] for row in reversed(rows) if row["action"] == "scale"]


@pytest.mark.parametrize("count", [5, 1, 2])
def test_scaling_ends_when_all_and_only_the_wanted_replicas_are_ready(
    service: Service, operator: httpx.Client, count: int
) -> None:
    asked = _scale(operator, count)
    assert asked.status_code == 202
    ended = _ended(operator, asked.json()["id"])
    assert (ended["state"], ended["ready"], ended["wanted"]) == ("done", count, count)
    assert service.driver.wanted["api"] == count
    assert _outcomes(operator) == ["accepted", "done"]


def test_progress_is_told_while_a_replica_is_not_ready(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.stuck = STUCK
    action = _scale(operator, 3).json()["id"]
    read = operator.get
    row = eventually(
        lambda: read(f"/v1/actions/{action}").json(), lambda row: row["ready"] == 2, "progress"
    )
    assert (row["state"], row["progress"]) == ("running", "2 of 3 ready")
    service.driver.stuck = set()
    assert _ended(operator, action)["state"] == "done"


def test_a_second_scaling_of_a_role_is_refused_while_one_runs(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.stuck = STUCK
    _scale(operator, 3)
    second = _scale(operator, 4)
    assert (second.status_code, second.json()["refused"]) == (409, True)
    assert service.driver.wanted["api"] == 3
    assert _outcomes(operator) == ["accepted", "refused"]


def test_out_of_bounds_is_refused_with_the_bounds(service: Service, operator: httpx.Client) -> None:
    answer = _scale(operator, 99)
    assert (answer.status_code, answer.json()["refused"]) == (409, True)
    assert "1 to 16" in answer.json()["detail"]
    assert service.driver.wanted["api"] == 2


def test_those_that_remain_must_carry_the_load_or_it_takes_anyway(
    service: Service, operator: httpx.Client
) -> None:
    service.load = even_load(["api-1", "api-2"], cpu=0.6)
    answer = _scale(operator, 1)
    assert (answer.status_code, answer.json()["refused"]) == (409, True)
    for words in ("60% of a core", "With 1: ", "120% of a core", "limit is 70%", "`anyway`"):
        assert words in answer.json()["detail"]
    assert service.driver.wanted["api"] == 2
    asked = {"role": "api", "count": 1, "reason": "a test", "anyway": True}
    assert operator.post("/v1/scale", json=asked).status_code == 202
    accepted = next(r for r in operator.get("/v1/audit").json() if r["outcome"] == "accepted")
    assert accepted["detail"].startswith("1 replicas anyway: 2 serve 20.0 requests/s now")


def test_more_replicas_are_never_too_few_for_the_load(
    service: Service, operator: httpx.Client
) -> None:
    service.load = even_load(["api-1", "api-2"], cpu=3.0)
    preview = operator.post("/v1/scale/preview", json={"role": "api", "count": 3}).json()
    assert (preview["anyway"], preview["headroom"]["carries"]) == (False, "no")
    assert _scale(operator, 3).status_code == 202


def test_an_unknown_role_is_not_found(operator: httpx.Client) -> None:
    assert _scale(operator, 2, role="database").status_code == 404
    assert operator.post("/v1/scale/preview", json={"role": "x", "count": 1}).status_code == 404


def test_without_a_reason_nothing_happens(service: Service, operator: httpx.Client) -> None:
    answer = operator.post("/v1/scale", json={"role": "api", "count": 4})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "reason", "message": "is missing: send it"}]
    assert service.driver.wanted["api"] == 2


def test_a_dead_node_agent_is_said_and_nothing_is_left_running(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.unavailable = True
    answer = _scale(operator, 3)
    assert answer.status_code == 503
    assert "node agent" in answer.json()["detail"]
    assert _outcomes(operator) == ["failed"]
    service.driver.unavailable = False
    assert _scale(operator, 3).status_code == 202


def test_what_does_not_become_ready_in_time_has_failed(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.stuck = STUCK
    service.clock.stop()
    action = _scale(operator, 3).json()["id"]
    service.clock.ahead = timedelta(seconds=121)
    ended = _ended(operator, action)
    assert ended["state"] == "failed"
    assert "2 of 3 ready after 121 s" in ended["progress"]
    assert _outcomes(operator) == ["accepted", "failed"]


def test_a_change_by_something_else_is_not_called_done(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.stuck = STUCK
    action = _scale(operator, 3).json()["id"]
    service.driver.wanted["api"] = 2
    ended = _ended(operator, action)
    assert (ended["state"], ended["progress"]) == (
        "failed",
        "not taken, or undone since: 2 are held now",
    )


def test_what_was_done_without_an_answer_is_followed_to_its_end(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.unanswered = True
    asked = _scale(operator, 3)
    assert asked.status_code == 202
    assert _ended(operator, asked.json()["id"])["state"] == "done"
    assert _outcomes(operator) == ["accepted", "done"]


def test_an_action_is_taken_up_again_after_a_restart(stopped: Service) -> None:
    stopped.driver.stuck = STUCK
    stopped.start()
    with stopped.operator as operator:
        action = _scale(operator, 3).json()["id"]
    stopped.stop()
    stopped.driver.stuck = set()
    stopped.start()
    with stopped.operator as operator:
        assert _ended(operator, action)["state"] == "done"
        assert _outcomes(operator) == ["accepted", "done"]
    stopped.stop()


def test_the_preview_says_what_would_start_and_stop(operator: httpx.Client) -> None:
    more = operator.post("/v1/scale/preview", json={"role": "api", "count": 4}).json()
    assert (more["starts"], more["stops"], more["allowed"]) == (["api-3", "api-4"], [], True)
    less = operator.post("/v1/scale/preview", json={"role": "api", "count": 1}).json()
    assert (less["starts"], less["stops"]) == ([], ["api-2"])
    assert "any restart is an outage" in " ".join(less["notes"])


def test_the_state_is_cheap_and_says_when_the_stack_cannot_be_seen(
    service: Service, operator: httpx.Client
) -> None:
    assert operator.get("/v1/state").json()["desired"] == {"api": 2, "relay": 1, "worker": 1}
    service.driver.unavailable = True
    gone = eventually(
        lambda: operator.get("/v1/state").json(), lambda state: not state["stack"], "no stack"
    )
    assert "node agent" in gone["stack_error"]
