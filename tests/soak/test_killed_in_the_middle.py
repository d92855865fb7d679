"""Every fault type with its makers killed in the middle: gone within the lease and a second.

The runner takes its watcher along, whose threads are its own; without a runner
nobody renews. Times are from the kill, so that the lease is what is left at most.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chaos.rehearsal.practices import PRACTICES, SENT, Practice
from deploy.home import PROJECT
from deploy.local.specs import running
from tests.fixtures.running import PATIENCE, RunningStack
from tests.soak.targets import there

pytestmark = [pytest.mark.soak, pytest.mark.stack, pytest.mark.breaks_stack]

LEASE_SECONDS = 2.0
# The acceptance's own second; a machine that others use too may be told a longer one.
SLACK_SECONDS = float(os.environ.get("PHAROS_SOAK_SLACK_SECONDS", "1"))
LOOK_SECONDS = 0.02
# Done in one stroke, or by whoever sends it as long as he lives: nothing could be left.
AT_ONCE = frozenset({"kill", "terminate", "flood"}) | SENT
LASTING = [
    pytest.param(number, practice, id=f"{practice.name} {practice.target}")
    for number, practice in enumerate(PRACTICES)
    if practice.kind not in AT_ONCE
]


@contextmanager
def held(stack: RunningStack, number: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Let a process make the fault and renew its lease; yields it, and the target."""
    command = [sys.executable, "-m", "tests.soak.holder", str(number), str(LEASE_SECONDS)]
    with subprocess.Popen(
        command, cwd=PROJECT, env=stack.environment, stdout=subprocess.PIPE, text=True
    ) as holder:
        try:
            assert holder.stdout
            yield holder, holder.stdout.readline().strip()
        finally:
            holder.kill()


def kill(stack: RunningStack, holder: subprocess.Popen[str], components: tuple[str, ...]) -> float:
    """Kill all of them at once; returns when (monotonic)."""
    records = [running(stack.home, name) for name in components]
    holder.kill()
    for record in records:
        assert record
        os.kill(record.identity.pid, signal.SIGKILL)
    return time.monotonic()


@pytest.mark.parametrize(
    "components",
    [(), ("control",), ("agent",), ("control", "agent")],
    ids=["runner", "runner+control", "runner+agent", "all"],
)
@pytest.mark.parametrize(("number", "practice"), LASTING)
def test_a_fault_whose_makers_are_killed_is_gone_within_its_lease_and_a_second(
    whole_stack: RunningStack,
    number: int,
    practice: Practice,
    components: tuple[str, ...],
) -> None:
    if practice.needs and practice.needs not in {
        part.name for part in whole_stack.status().components
    }:
        pytest.skip(f"this stack has no {practice.needs}: PHAROS_TEST_HOME lends one that has")
    with held(whole_stack, number) as (holder, target):
        assert target, "the fault was not made"
        assert there(whole_stack.home, practice.kind, target)
        killed_at = kill(whole_stack, holder, components)
        gone = _seconds_until_gone(whole_stack, practice.kind, target, killed_at)
    print(f"{practice.name} at {target}: gone {gone:.2f} s after {components or 'the runner'}")  # noqa: T201
    assert gone <= LEASE_SECONDS + SLACK_SECONDS
    whole_stack.wait_until_ready()


def _seconds_until_gone(stack: RunningStack, kind: str, target: str, since: float) -> float:
    while there(stack.home, kind, target):
        assert time.monotonic() - since < PATIENCE, f"{kind} at {target} is still there"
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - since
