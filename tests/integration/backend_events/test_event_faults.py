"""Faults of events on a whole stack: made by its agent, seen at its worker, taken back."""

from collections.abc import Iterator

import pytest

from deploy.faults import FaultClient
from deploy.local.agent.faults.poison import DEAD
from deploy.local.agent.faults.queues import Queues
from tests.fixtures.running import RunningStack, eventually
from tests.integration.deploy_faults.running_agent import HTTP, injection

SENT = 'type="drill.flood.sent"'


@pytest.fixture
def agent(stack: RunningStack) -> Iterator[FaultClient]:
    with FaultClient(stack.url("agent"), stack.secret("agent_token")) as client:
        yield client
        client.revert_all()


def applied(stack: RunningStack) -> float:
    """Return how many events of floods the worker has applied."""
    lines = HTTP.get(f"{stack.url('worker')}/metrics").text.splitlines()
    told = [line for line in lines if SENT in line and 'outcome="applied"' in line]
    return sum(float(line.split()[1]) for line in told)


def test_a_poison_message_is_a_dead_letter_until_it_is_taken_back(
    stack: RunningStack, agent: FaultClient
) -> None:
    queues = Queues(stack.home)
    agent.inject(injection("poison", "worker"))
    assert queues.head(DEAD) == "poison-test"
    agent.revert("test")
    now = agent.read_back()
    assert (now.faults, now.residue) == ([], [])
    assert queues.head(DEAD) is None


def test_a_flood_s_events_are_applied_until_it_is_taken_back(
    stack: RunningStack, agent: FaultClient
) -> None:
    before = applied(stack)
    agent.inject(injection("flood", "gateway", events_per_second=20, users=2))
    eventually(lambda: applied(stack), lambda now: now >= before + 5, "events applied")
    # Its users were created before the events of theirs.
    assert agent.read_back().faults[0].own_requests >= 5 + 2
    agent.revert("test")
    now = agent.read_back()
    assert (now.faults, now.residue) == ([], [])
