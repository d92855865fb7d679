"""The node agent over a small stack: what it writes, and what it refuses."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from functools import partialmethod

import httpx
import pytest
import uvicorn

from deploy.envoy.endpoints import endpoints_file
from deploy.home import Home
from deploy.local.agent import reconcile
from deploy.local.agent.server import build
from deploy.local.driver import LocalDriver
from deploy.local.processes import wait_gone
from deploy.local.progress import Steps
from deploy.local.supervisor import Supervisor
from deploy.local.up import up
from deploy.prometheus.targets import targets_file
from deploy.secrets import read_secret
from tests.fakes.parts import small_parts
from tests.fixtures.running import PATIENCE, eventually

PARTS = small_parts()


@pytest.fixture
def agent(home: Home, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    up(home, steps, parts=PARTS)
    # A supervisor that stands still for some seconds is not dead: what is asked of it is done.
    patient = partialmethod(Supervisor.answers, timeout=10)
    monkeypatch.setattr(Supervisor, "answers", patient)
    config = uvicorn.Config(build(home, PARTS), port=home.ports["agent"], log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started, bool, "the node agent serving")
    base = f"http://127.0.0.1:{home.ports['agent']}"
    token = read_secret(home.keys, "agent_token")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=base, headers=headers, timeout=PATIENCE) as client:
        yield client
    server.should_exit = True
    thread.join()


def _gateway_ports(home: Home) -> list[int]:
    text = endpoints_file(home).read_text()
    return [port for port in range(home.ports.base, home.ports.base + 100) if str(port) in text]


def _targets(home: Home) -> list[str]:
    groups = json.loads(targets_file(home, "api").read_text())
    return [group["labels"]["instance"] for group in groups]


def test_the_gateway_and_prometheus_follow_the_replicas(home: Home, agent: httpx.Client) -> None:
    assert agent.put("/v1/roles/api/count", json={"count": 3}).status_code == 202
    wanted = [home.ports.replica(slot)[0] for slot in (1, 2, 3)]
    eventually(lambda: _gateway_ports(home), lambda ports: ports == wanted, "three endpoints")
    assert _targets(home) == ["api-1", "api-2", "api-3"]


def test_replicas_start_one_after_the_other(home: Home, agent: httpx.Client) -> None:
    assert agent.put("/v1/roles/api/count", json={"count": 5}).status_code == 202
    # One that was ready and is not for a moment, as where it stands still, starts no more.
    started = {"api-1", "api-2"}
    starting: list[int] = []

    def ready() -> list[bool]:
        replicas = agent.get("/v1/status").json()["replicas"]
        found = [each for each in replicas if each["role"] == "api" and each["pid"]]
        started.update(each["id"] for each in found if each["ready"])
        starting.append(sum(each["id"] not in started for each in found))
        return [each["ready"] for each in found]

    eventually(ready, lambda states: states == [True] * 5, "five replicas ready")
    assert max(starting) == 1


def test_a_replica_leaves_the_endpoints_before_it_is_stopped(
    home: Home, agent: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The agent runs here: it is not to be stopped while the test comes to ask it.
    monkeypatch.setattr(reconcile, "LEAVE_SECONDS", PATIENCE)
    leaving = home.ports.replica(2)[0]
    agent.put("/v1/roles/api/count", json={"count": 1})
    eventually(lambda: _gateway_ports(home), lambda ports: leaving not in ports, "out of EDS")
    assert agent.get(f"http://127.0.0.1:{leaving}").status_code == 200


def test_the_endpoints_are_never_empty(home: Home, agent: httpx.Client) -> None:
    status = agent.get("/v1/status").json()
    for row in status["replicas"]:
        os.kill(row["pid"], signal.SIGSTOP)
    eventually(
        lambda: agent.get("/v1/status").json()["replicas"],
        lambda rows: not any(row["ready"] for row in rows),
        "no replica ready",
    )
    assert _gateway_ports(home)


def test_scaling_is_refused_while_the_supervisor_is_dead(home: Home, agent: httpx.Client) -> None:
    circus = Supervisor(home).identity()
    assert circus
    os.kill(circus.pid, signal.SIGKILL)
    assert wait_gone([circus], PATIENCE) == []
    answer = agent.put("/v1/roles/api/count", json={"count": 3})
    assert answer.status_code == 503
    assert "pharos up" in answer.json()["detail"]
    assert LocalDriver(home).desired("api") == 2


def test_without_its_token_the_agent_says_nothing(agent: httpx.Client) -> None:
    for token in ("", "Bearer", "Bearer wrong", "Bearer \u00e9"):
        headers = {b"Authorization": token.encode()}
        answer = agent.get("/v1/status", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"count": "3"}', b'{"count": true}', b'{"n": 3}'])
def test_a_body_that_does_not_fit_is_a_problem(agent: httpx.Client, body: bytes) -> None:
    answer = agent.put("/v1/roles/api/count", content=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("seconds", [b"1e12", b"Infinity", b"NaN", b"-1"])
def test_an_end_that_nobody_could_tell_is_refused_and_breaks_no_status(
    agent: httpx.Client, seconds: bytes
) -> None:
    note = b'{"by": "ada", "reason": "a test"}'
    body = b'{"kind": "drain", "note": %b, "seconds": %b}' % (note, seconds)
    assert agent.put("/v1/replicas/api-2/aside", content=body).status_code == 422
    replicas = agent.get("/v1/status").raise_for_status().json()["replicas"]
    assert [each["aside"] for each in replicas] == [None] * len(replicas)


def test_metrics_need_no_token_and_show_the_replicas(agent: httpx.Client) -> None:
    wanted = (
        'pharos_replicas_ready{role="api"} 2.0',
        'pharos_component_ready{component="redis"} 1.0',
    )
    # A part that answers the agent's first look late is ready by a later one.
    eventually(
        lambda: agent.get("/metrics", headers={"Authorization": ""}).text,
        lambda text: all(line in text for line in wanted),
        "all shown as ready",
    )
