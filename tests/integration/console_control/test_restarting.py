"""Restarts, drains and quarantines over HTTP: guards, progress, ways back, a dead service."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from deploy.driver import Note, Replica
from tests.fakes.replica_load import even_load
from tests.fixtures.control_service import Service
from tests.fixtures.running import eventually

WHY = {"reason": "a test"}


def _restart(client: httpx.Client, target: str = "api", **more: object) -> httpx.Response:
    return client.post("/v1/restart", json={"target": target, **WHY, **more})


def _ended(client: httpx.Client, action: str) -> dict[str, Any]:
    return eventually(
        lambda: client.get(f"/v1/actions/{action}").json(),
        lambda row: row["state"] != "running",
        "the action's end",
    )


def _replica(service: Service, name: str) -> Replica:
    return next(each for each in service.driver.status().replicas if each.id == name)


def _until_progress(client: httpx.Client, action: str, begin: str) -> None:
    eventually(
        lambda: client.get(f"/v1/actions/{action}").json()["progress"],
        lambda words: words.startswith(begin),
        f"that {begin}",
    )


@pytest.fixture
def three(stopped: Service) -> Service:
    stopped.driver.scale("api", 3)
    return stopped


def test_a_role_is_restarted_one_replica_after_the_other(
    service: Service, operator: httpx.Client
) -> None:
    before = {each.id: each.pid for each in service.driver.status().replicas}
    asked = _restart(operator)
    assert asked.status_code == 202
    ended = _ended(operator, asked.json()["id"])
    assert (ended["state"], ended["ready"], ended["progress"]) == ("done", 2, "2 of 2 restarted")
    assert service.driver.restarted == ["api-1", "api-2"]
    assert all(_replica(service, name).serves for name in ("api-1", "api-2"))
    rows = [row for row in operator.get("/v1/audit").json() if row["action"] == "restart"]
    assert [row["outcome"] for row in rows] == ["done", "accepted"]
    assert rows[0]["before"] == {name: before[name] for name in ("api-1", "api-2")}
    assert rows[0]["after"] == {name: _replica(service, name).pid for name in rows[0]["after"]}


@pytest.mark.parametrize("target", ["worker", "api-2"])
def test_a_single_process_can_be_restarted(
    service: Service, operator: httpx.Client, target: str
) -> None:
    assert _ended(operator, _restart(operator, target).json()["id"])["state"] == "done"
    assert service.driver.restarted == [target]


def test_it_stops_at_the_first_that_does_not_come_back_and_can_be_resumed(three: Service) -> None:
    three.driver.stuck = {"api-1"}
    three.driver.status()
    three.driver.stuck = set()
    three.start()
    with three.operator as operator:
        three.driver.status()
        action = _restart(operator).json()["id"]
        three.driver.stuck = {"api-1"}
        _until_progress(operator, action, "api-1 restarts")
        three.clock.ahead = three.return_limit + timedelta(seconds=1)
        ended = _ended(operator, action)
        assert ended["state"] == "failed"
        assert "api-1 did not come back" in ended["progress"]
        assert three.driver.restarted == ["api-1"]
        assert _replica(three, "api-1").aside is None
        three.driver.stuck = set()
        eventually(lambda: _replica(three, "api-1").ready, bool, "well again")
        resumed = operator.post(f"/v1/actions/{action}/resume", json=WHY)
        assert _ended(operator, resumed.json()["id"])["state"] == "done"
        assert three.driver.restarted == ["api-1", "api-2", "api-3"]
    three.stop()


def test_an_abort_puts_back_what_was_drained_and_leaves_the_rest(three: Service) -> None:
    three.driver.in_flight = {"api-1": 5}
    three.start()
    with three.operator as operator:
        action = _restart(operator).json()["id"]
        eventually(lambda: _replica(three, "api-1").aside, bool, "drained")
        aborted = operator.post(f"/v1/actions/{action}/abort", json=WHY).json()
        assert (aborted["state"], three.driver.restarted) == ("aborted", [])
        assert _replica(three, "api-1").serves
        again = operator.post(f"/v1/actions/{action}/abort", json=WHY)
        assert (again.status_code, again.json()["refused"]) == (409, True)
        outcomes = [(row["action"], row["outcome"]) for row in operator.get("/v1/audit").json()]
        assert ("restart", "done") in outcomes
        assert ("restart-abort", "done") in outcomes
    three.stop()


@pytest.mark.parametrize(("verb", "action"), [("abort", "restart-abort"), ("resume", "restart")])
def test_what_is_no_restart_is_neither_aborted_nor_resumed_and_that_is_written_down(
    operator: httpx.Client, verb: str, action: str
) -> None:
    scaling = operator.post("/v1/scale", json={"role": "api", "count": 3, **WHY}).json()["id"]
    answer = operator.post(f"/v1/actions/{scaling}/{verb}", json=WHY)
    assert (answer.status_code, "a scale of api" in answer.json()["detail"]) == (409, True)
    rows = operator.get("/v1/audit").json()
    assert (action, scaling, "refused") in [
        (row["action"], row["target"], row["outcome"]) for row in rows
    ]


def test_a_service_that_ends_in_the_middle_leaves_it_interrupted_and_nothing_drained(
    three: Service,
) -> None:
    three.driver.in_flight = {"api-1": 5}
    three.start()
    with three.operator as operator:
        action = _restart(operator).json()["id"]
        aside = eventually(lambda: _replica(three, "api-1").aside, bool, "drained")
        assert aside is not None
        assert aside.until is not None
        # The driver is asked first, and then it is written down.
        _until_progress(operator, action, "api-1 drains")
    three.stop()
    three.start()
    with three.operator as operator:
        row = operator.get(f"/v1/actions/{action}").json()
        assert row["state"] == "interrupted"
        assert "api-1 drains" in row["progress"]
        assert _replica(three, "api-1").serves
        assert three.driver.restarted == []
        three.driver.in_flight = {}
        resumed = operator.post(f"/v1/actions/{action}/resume", json=WHY).json()
        assert _ended(operator, resumed["id"])["progress"] == "3 of 3 restarted"
    three.stop()


def test_nothing_else_goes_on_with_a_role_that_is_restarted(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.in_flight = {"api-1": 5}
    _restart(operator)
    others = {
        "/v1/restart": {"target": "api-2", **WHY},
        "/v1/scale": {"role": "api", "count": 3, **WHY},
        "/v1/replicas/api-2/drain": WHY,
    }
    for path, body in others.items():
        answer = operator.post(path, json=body)
        assert (answer.status_code, answer.json()["refused"]) == (409, True)
        assert "api is being restarted already" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/restart", "/v1/replicas/api-1/drain"])
def test_one_less_must_carry_the_load_or_it_takes_anyway(
    service: Service, operator: httpx.Client, path: str
) -> None:
    service.load = even_load(["api-1", "api-2"], cpu=0.6)
    body = WHY | ({"target": "api"} if path == "/v1/restart" else {})
    answer = operator.post(path, json=body)
    assert (answer.status_code, answer.json()["refused"]) == (409, True)
    assert "With 1: " in answer.json()["detail"]
    assert "Scale api up by one first" in answer.json()["detail"]
    assert operator.post(path, json=body | {"anyway": True}).status_code == 202


def test_the_only_replica_is_neither_restarted_nor_put_aside_anyway(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.scale("api", 1)
    for path, body in (
        ("/v1/restart", {"target": "api", **WHY}),
        ("/v1/replicas/api-1/drain", WHY),
        ("/v1/replicas/api-1/quarantine", WHY),
    ):
        answer = operator.post(path, json=body | {"anyway": True})
        assert answer.status_code == 409
        assert "Scale api up by one first" in answer.json()["detail"]


def test_replicas_that_all_hang_are_restarted(service: Service, operator: httpx.Client) -> None:
    service.driver.stuck = {"api-1", "api-2"}
    service.driver.status()
    action = _restart(operator).json()["id"]
    _until_progress(operator, action, "api-1 restarts")
    service.driver.stuck = set()
    assert _ended(operator, action)["progress"] == "2 of 2 restarted"
    assert service.driver.restarted == ["api-1", "api-2"]


def test_a_drain_ends_when_nothing_is_in_flight_and_stays_until_it_is_released(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.in_flight = {"api-2": 3}
    action = operator.post("/v1/replicas/api-2/drain", json=WHY).json()["id"]
    eventually(
        lambda: operator.get(f"/v1/actions/{action}").json()["progress"],
        lambda words: words == "3 requests in flight",
        "progress",
    )
    service.driver.in_flight = {}
    assert _ended(operator, action)["state"] == "done"
    aside = _replica(service, "api-2").aside
    assert aside is not None
    assert (aside.kind, aside.by, aside.reason) == ("drain", "operator@local (cli)", "a test")
    assert operator.post("/v1/replicas/api-2/release", json=WHY).status_code == 204
    assert _replica(service, "api-2").serves
    assert operator.post("/v1/replicas/api-2/release", json=WHY).status_code == 409


def test_a_drain_that_was_made_without_an_answer_is_followed_to_its_end(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.unanswered = True
    asked = operator.post("/v1/replicas/api-2/drain", json=WHY)
    assert asked.status_code == 202
    assert _ended(operator, asked.json()["id"])["state"] == "done"
    assert not _replica(service, "api-2").serves


def test_a_drain_that_takes_too_long_says_so_and_stays(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.in_flight = {"api-2": 3}
    action = operator.post("/v1/replicas/api-2/drain", json=WHY).json()["id"]
    service.clock.ahead = timedelta(seconds=31)
    ended = _ended(operator, action)
    assert ended["state"] == "failed"
    assert "still 3 requests in flight" in ended["progress"]
    assert not _replica(service, "api-2").serves


def test_a_quarantine_is_written_down_from_what_to_what_and_left_alone_by_a_restart(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.scale("api", 3)
    service.driver.status()
    assert operator.post("/v1/replicas/api-3/quarantine", json=WHY).status_code == 204
    row = operator.get("/v1/audit?limit=1").json()[0]
    assert (row["action"], row["target"], row["outcome"]) == ("quarantine", "api-3", "done")
    assert (row["before"], row["after"]) == ({"aside": None}, {"aside": "quarantine"})
    ended = _ended(operator, _restart(operator).json()["id"])
    assert service.driver.restarted == ["api-1", "api-2"]
    assert "api-3 is left as it is: quarantine by operator@local (cli)" in ended["progress"]
    alone = _restart(operator, "api-3")
    assert "put it back first" in alone.json()["detail"]


def test_a_drain_of_a_restart_that_somebody_else_makes_last_is_not_lifted(
    service: Service, operator: httpx.Client
) -> None:
    service.driver.in_flight = {"api-1": 5}
    action = _restart(operator).json()["id"]
    eventually(lambda: _replica(service, "api-1").aside, bool, "drained")
    service.driver.quarantine("api-1", Note(by="otto", reason="to look at it"))
    service.driver.in_flight = {}
    operator.post(f"/v1/actions/{action}/abort", json=WHY)
    aside = _replica(service, "api-1").aside
    assert aside is not None
    assert aside.by == "otto"


def test_a_dead_node_agent_is_said(service: Service, operator: httpx.Client) -> None:
    service.driver.unavailable = True
    for path in ("/v1/restart", "/v1/replicas/api-1/drain", "/v1/replicas/api-1/release"):
        body = WHY | ({"target": "api"} if path == "/v1/restart" else {})
        answer = operator.post(path, json=body)
        assert (answer.status_code, "node agent" in answer.json()["detail"]) == (503, True)


def test_an_unknown_target_is_not_found(operator: httpx.Client) -> None:
    for path, body in (
        ("/v1/restart", {"target": "api-9", **WHY}),
        ("/v1/replicas/relay/drain", WHY),
        ("/v1/replicas/api-9/quarantine", WHY),
        ("/v1/actions/none/abort", WHY),
    ):
        assert operator.post(path, json=body).status_code == 404
