"""A halt at the node agent: by a sweep, by the file alone, and by a file that is there already."""

from collections.abc import Iterator

import pytest

from deploy.faults import FaultRefusedError
from deploy.faults.sweep import Place, sweep
from deploy.home import Home
from deploy.local.holds import held_names
from tests.fixtures.running import eventually
from tests.integration.deploy_faults.running_agent import Agent, injection, is_stopped
from tests.integration.deploy_faults.test_processes import answers


@pytest.fixture
def rearmed(home: Home, agent: Agent) -> Iterator[Agent]:
    yield agent
    home.halt_file.unlink(missing_ok=True)


def inject_some(agent: Agent) -> None:
    # The test before had it down: its launcher lets it start a moment after the lease.
    eventually(lambda: answers(agent.home, "control"), bool, "control running")
    agent.client.inject(injection("pause", "redis", seconds=300, name="paused"))
    agent.client.inject(injection("down", "control", seconds=300, name="down"))


def test_a_sweep_takes_back_what_the_agent_holds(home: Home, rearmed: Agent) -> None:
    inject_some(rearmed)
    swept = sweep([Place("the node agent", rearmed.client, outlives=True)])
    assert (swept.reverted, swept.left) == (["down at control", "pause at redis"], [])
    assert not is_stopped(home, "redis")
    assert held_names(home) == []


def test_the_file_alone_ends_every_fault_and_lets_no_other_begin(
    home: Home, rearmed: Agent
) -> None:
    inject_some(rearmed)
    home.halt_file.touch()
    rearmed.until_clean()
    assert not is_stopped(home, "redis")
    assert held_names(home) == []
    with pytest.raises(FaultRefusedError, match="rearm"):
        rearmed.client.inject(injection("pause", "redis"))


def test_an_agent_that_starts_while_halted_ends_what_the_one_before_it_made(
    home: Home, rearmed: Agent
) -> None:
    inject_some(rearmed)
    rearmed.kill()
    home.halt_file.touch()
    rearmed.start()
    eventually(lambda: list(home.leases.iterdir()), lambda left: not left, "no lease")
    assert not is_stopped(home, "redis")
    assert held_names(home) == []
