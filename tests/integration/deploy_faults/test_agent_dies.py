"""An agent that is killed at any point leaves nothing beyond the lease and its own restart."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy.envoy.endpoints import endpoints_file, read_endpoints
from deploy.faults import FaultTargetAwayError
from deploy.home import Home
from deploy.local.holds import held_names
from deploy.local.processes import Identity, alive, identify, send, stopped
from deploy.local.stopping import stack_processes
from deploy.prometheus.targets import targets_file
from tests.fakes.small_agent import die_after_saves
from tests.fixtures.running import eventually
from tests.integration.deploy_faults.running_agent import Agent, injection, is_stopped


@pytest.mark.parametrize(
    ("kind", "saves"),
    [("pause", 1), ("pause", 2), ("stray-stop", 2), ("down", 2), ("kill", 1)],
)
def test_what_was_armed_and_never_answered_is_gone_after_the_restart(
    home: Home, agent: Agent, kind: str, saves: int
) -> None:
    die_after_saves(home).write_text(str(saves))
    with pytest.raises(FaultTargetAwayError):
        agent.client.inject(injection(kind, "redis", seconds=300))
    agent.process.wait()
    die_after_saves(home).unlink()
    assert [path.name for path in home.leases.iterdir()] == ["test.json"]
    agent.start()
    agent.until_clean()
    assert list(home.leases.iterdir()) == []
    assert held_names(home) == []
    eventually(lambda: is_stopped(home, "redis"), lambda still: not still, "redis running")


def test_what_was_made_is_kept_by_the_next_agent_and_ends_with_its_lease(
    home: Home, agent: Agent
) -> None:
    agent.client.inject(injection("pause", "redis", name="paused"))
    agent.client.inject(injection("down", "control", name="down"))
    agent.client.inject(injection("unscraped", "api-1", name="unscraped"))
    agent.kill()
    agent.start()
    kept = {"paused", "down", "unscraped"}
    assert {fault.id for fault in agent.client.read_back().faults} == kept
    assert '"api-1"' not in targets_file(home, "api").read_text()
    assert is_stopped(home, "redis")
    assert held_names(home) == ["control"]
    for name in kept:
        agent.client.renew(name, 1)
    agent.until_clean()
    assert not is_stopped(home, "redis")
    assert '"api-1"' in targets_file(home, "api").read_text()


def test_an_agent_that_is_asked_to_end_takes_everything_back_first(
    home: Home, agent: Agent
) -> None:
    agent.client.inject(injection("pause", "redis", seconds=300))
    agent.end()
    assert not is_stopped(home, "redis")
    assert list(home.leases.iterdir()) == []


@pytest.fixture
def stranger() -> Iterator[Identity]:
    """A stopped process that is none of the stack's."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env={})
    os.kill(process.pid, signal.SIGSTOP)
    found = identify(process.pid)
    assert found
    eventually(lambda: stopped(found), bool, "the stranger stopped")
    yield found
    process.kill()
    process.wait()


def test_an_unreadable_lease_counts_as_expired_and_a_later_process_with_a_held_pid_is_left_alone(
    home: Home, agent: Agent, stranger: Identity
) -> None:
    agent.client.inject(injection("pause", "redis", seconds=300, name="garbled"))
    agent.client.inject(injection("pause", "control", seconds=300, name="reused"))
    agent.kill()
    (home.leases / "garbled.json").write_text('{"id": "garb')
    lease = json.loads((home.leases / "reused.json").read_text())
    lease["held"].append([stranger.pid, stranger.ticks - 1])
    (home.leases / "reused.json").write_text(json.dumps(lease))
    agent.start()
    assert not is_stopped(home, "redis")
    assert is_stopped(home, "control")
    assert "garbled.json" in (home.logs / "agent.out").read_text()
    agent.client.revert("reused")
    assert not is_stopped(home, "control")
    assert stopped(stranger)
    assert list(home.leases.iterdir()) == []


def test_a_fault_ends_with_its_lease_though_the_agent_stays_dead(home: Home, agent: Agent) -> None:
    agent.client.inject(injection("pause", "redis", seconds=10, name="paused"))
    agent.client.inject(injection("cut-off", "api-1", seconds=10, name="cut"))
    path, port = endpoints_file(home), home.ports.replica(1)[0]
    assert ("127.0.0.1", port) not in read_endpoints(path)
    agent.kill()
    eventually(lambda: is_stopped(home, "redis"), lambda still: not still, "redis running")
    eventually(
        lambda: read_endpoints(path), lambda there: ("127.0.0.1", port) in there, "api-1 listed"
    )
    agent.start()
    eventually(lambda: list(home.leases.iterdir()), lambda left: not left, "no lease")


def test_no_fault_is_made_while_nobody_could_end_it_for_a_dead_agent(
    home: Home, agent: Agent
) -> None:
    agent.client.inject(injection("pause", "redis", name="first"))
    agent.client.revert("first")
    (backstop,) = [each for each in stack_processes(home) if each.component == "backstop"]
    send(backstop.identity, signal.SIGKILL)
    eventually(lambda: alive(backstop.identity), lambda lives: not lives, "the backstop dead")
    agent.until_clean()
    agent.client.inject(injection("pause", "redis", seconds=10))
    assert [each for each in stack_processes(home) if each.component == "backstop"]
    agent.kill()
    eventually(lambda: is_stopped(home, "redis"), lambda still: not still, "redis running")
