"""Faults that the agent makes on processes: injected, measured, taken back, read back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from backend.schemas.faults import State
from deploy.faults import FaultRefusedError, FaultUnfitError, UnknownFaultError
from deploy.home import Home
from deploy.local.processes import (
    COMPONENT_MARK,
    STACK_MARK,
    Identity,
    identify,
    stopped,
    wait_gone,
)
from deploy.local.specs import running
from deploy.secrets import read_secret
from tests.fixtures.running import eventually
from tests.integration.deploy_faults.running_agent import (
    HTTP,
    Agent,
    identity_of,
    injection,
    is_stopped,
)


def answers(home: Home, name: str) -> bool:
    """Return whether a part answers within a moment."""
    port = home.ports.replica(int(name[-1]))[0] if name.startswith("api-") else home.ports[name]
    try:
        return HTTP.get(f"http://127.0.0.1:{port}/readyz", timeout=0.5).is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def child(home: Home) -> Iterator[Identity]:
    """A further process of Redis' component, as PostgreSQL has many."""
    marks = {STACK_MARK: home.stack_id, COMPONENT_MARK: "redis"}
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=marks)
    found = identify(process.pid)
    assert found
    yield found
    process.kill()
    process.wait()


def test_a_paused_component_stands_still_with_its_children_until_it_is_reverted(
    home: Home, agent: Agent, child: Identity
) -> None:
    fault = agent.client.inject(injection("pause", "redis"))
    assert (fault.state, fault.detail) == (State.ACTIVE, "2 of 2 processes are stopped")
    assert stopped(child)
    assert not answers(home, "redis")
    agent.client.revert("test")
    assert not stopped(child)
    eventually(lambda: answers(home, "redis"), bool, "redis answering")
    now = agent.client.read_back()
    assert (now.faults, now.residue) == ([], [])


def test_a_stray_stop_counts_as_left_behind_until_its_lease_ends(home: Home, agent: Agent) -> None:
    fault = agent.client.inject(injection("stray-stop", "redis"))
    assert fault.detail == "1 of 1 processes are stopped, as if by hand"
    pid = identity_of(home, "redis").pid
    assert agent.client.read_back().residue == [f"redis (pid {pid}) is stopped"]
    agent.client.renew("test", 1)
    agent.until_clean()
    eventually(lambda: answers(home, "redis"), bool, "redis answering")


def test_a_lease_that_nobody_renews_ends_by_itself(home: Home, agent: Agent) -> None:
    agent.client.inject(injection("pause", "redis", seconds=5))
    assert is_stopped(home, "redis")
    agent.until_clean()
    eventually(lambda: answers(home, "redis"), bool, "redis answering")
    with pytest.raises(UnknownFaultError):
        agent.client.renew("test", 30)


def test_a_renewed_lease_lasts(home: Home, agent: Agent) -> None:
    agent.client.inject(injection("pause", "redis", seconds=30))
    renewed = agent.client.renew("test", 60)
    assert 50 < renewed.expires_in_seconds <= 60
    again = agent.client.inject(injection("pause", "redis", seconds=200))
    assert 190 < again.expires_in_seconds <= 200


@pytest.mark.parametrize("kind", ["kill", "terminate"])
def test_a_process_that_is_ended_comes_back_as_another_one(
    home: Home, agent: Agent, kind: str
) -> None:
    before = identity_of(home, "relay")
    agent.client.inject(injection(kind, "relay"))
    assert wait_gone([before], 30) == []
    eventually(lambda: running(home, "relay"), bool, "relay back")
    after = identity_of(home, "relay")
    agent.client.inject(injection(kind, "relay"))
    assert identity_of(home, "relay") == after, "the same fault was made twice"
    agent.client.revert("test")
    assert agent.client.read_back().faults == []


def test_a_component_that_is_down_stays_so_and_starts_at_once_when_it_is_reverted(
    home: Home, agent: Agent
) -> None:
    before = identity_of(home, "redis")
    agent.client.inject(injection("down", "redis"))
    assert wait_gone([before], 0) == []
    held = eventually(lambda: running(home, "redis"), bool, "its launcher")
    assert held
    assert held.waiting
    assert not answers(home, "redis")
    agent.client.revert("test")
    eventually(lambda: answers(home, "redis"), bool, "redis back")
    assert identity_of(home, "redis") == held.identity, "it waited in its launcher"


def test_without_an_agent_what_is_down_comes_back_and_what_is_paused_goes_on(
    home: Home, agent: Agent
) -> None:
    agent.client.inject(injection("pause", "control", seconds=5, name="paused"))
    agent.client.inject(injection("down", "redis", seconds=5, name="down"))
    agent.kill()
    assert not answers(home, "redis")
    eventually(lambda: answers(home, "redis"), bool, "redis back")
    eventually(lambda: is_stopped(home, "control"), lambda still: not still, "control going on")
    agent.start()
    assert agent.client.read_back().faults == []


def test_a_signal_without_a_lease_is_residue(home: Home, agent: Agent) -> None:
    pid = identity_of(home, "relay").pid
    os.kill(pid, signal.SIGSTOP)
    words = f"relay (pid {pid}) is stopped"
    eventually(agent.client.read_back, lambda now: now.residue == [words], "residue")
    url = f"http://127.0.0.1:{home.ports['agent']}/metrics"
    counted = "pharos_faults_residue 1.0"
    eventually(lambda: HTTP.get(url).text, lambda text: counted in text, "residue counted")
    os.kill(pid, signal.SIGCONT)
    assert agent.client.read_back().residue == []


def test_two_faults_may_not_hold_the_same_processes(agent: Agent) -> None:
    agent.client.inject(injection("pause", "redis", name="first"))
    with pytest.raises(FaultRefusedError, match=r"first holds the processes of redis.*revert"):
        agent.client.inject(injection("down", "redis", name="second"))
    with pytest.raises(FaultRefusedError, match="its own id"):
        agent.client.inject(injection("down", "redis", name="first"))
    assert agent.client.revert_all() == ["first"]


def test_the_last_ready_replica_is_hit_only_if_that_is_asked_for(home: Home, agent: Agent) -> None:
    agent.client.inject(injection("pause", "api-1", name="first"))
    for kind in ("kill", "terminate", "pause", "down"):
        with pytest.raises(FaultRefusedError, match="scale api up by one first, or set"):
            agent.client.inject(injection(kind, "api-2", name="second"))
    assert not is_stopped(home, "api-2")
    agent.client.inject(injection("pause", "api-2", name="second", allow_last=True))
    assert is_stopped(home, "api-2")


@pytest.mark.parametrize(("kind", "target"), [("kill", "supervisor"), ("pause", "agent")])
def test_the_supervisor_and_the_agent_itself_are_no_targets(
    agent: Agent, kind: str, target: str
) -> None:
    with pytest.raises(FaultUnfitError, match=r"target: .* is for one of api-1, api-2") as refusal:
        agent.client.inject(injection(kind, target))
    assert [error.field for error in refusal.value.errors] == ["target"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{", ["body"]),
        (b'{"id": "a", "kind": "earthquake"}', ["kind"]),
        (b'{"id": "a b", "kind": "kill", "target": "redis"}', ["id"]),
        (
            b'{"id": "a", "kind": "kill", "target": "redis", "lease_seconds": 301}',
            ["lease_seconds"],
        ),
        (b'{"id": "a", "kind": "abort", "arguments": {"status": 200}}', ["arguments.status"]),
    ],
)
def test_a_body_that_does_not_fit_names_its_fields(
    home: Home, agent: Agent, body: bytes, fields: list[str]
) -> None:
    token = read_secret(home.keys, "agent_token")
    url = f"http://127.0.0.1:{home.ports['agent']}/v1/faults"
    answer = HTTP.post(url, content=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == fields


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_without_the_token_nothing_is_said_or_done(home: Home, agent: Agent, method: str) -> None:
    url = f"http://127.0.0.1:{home.ports['agent']}/v1/faults"
    assert HTTP.request(method, url, json={}).status_code == 401


def test_the_agent_says_so_before_it_ends_itself(agent: Agent) -> None:
    assert agent.client.inject(injection("kill", "agent")).id == "test"
    assert agent.process.wait(30) == -signal.SIGKILL


def test_what_does_not_run_cannot_be_hit(agent: Agent) -> None:
    with pytest.raises(FaultRefusedError, match="prometheus does not run"):
        agent.client.inject(injection("pause", "prometheus"))
    assert agent.client.read_back().faults == []
