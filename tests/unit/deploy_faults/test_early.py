"""Whom the agent lets go on before it has started."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy.faults.kinds import AGENT_INJECTION
from deploy.home import Home
from deploy.local.agent.early import let_go, letting_go
from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.launch import uptime
from deploy.local.processes import Identity, identify, stopped
from tests.fixtures.running import eventually


@pytest.fixture
def paused() -> Iterator[Identity]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    os.kill(process.pid, signal.SIGSTOP)
    found = identify(process.pid)
    assert found
    eventually(lambda: stopped(found), bool, "stopped")
    yield found
    process.kill()
    process.wait()


def keep(home: Home, who: Identity, **changes: object) -> None:
    content = {"id": "a", "kind": "pause", "target": "redis", "lease_seconds": 30}
    lease = Lease.armed(AGENT_INJECTION.validate_python(content)).holding([who]).done()
    LeaseStore(home).save(lease.model_copy(update=changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"deadline": 0.0},
        {"made": False},
        {"boot": "another"},
        {"kind": "stray-stop", "deadline": 0.0},
    ],
)
def test_a_pause_that_has_ended_is_let_go(
    home: Home, paused: Identity, changes: dict[str, object]
) -> None:
    keep(home, paused, **changes)
    let_go(home)
    assert not stopped(paused)


def test_a_pause_that_lasts_is_let_go_when_it_ends(home: Home, paused: Identity) -> None:
    keep(home, paused, deadline=uptime() + 5)
    let_go(home)
    assert stopped(paused)
    with letting_go(home):
        eventually(lambda: stopped(paused), lambda still: not still, "let go")


def test_a_halt_lets_go_of_a_pause_that_would_last(home: Home, paused: Identity) -> None:
    keep(home, paused)
    home.halt_file.touch()
    let_go(home)
    assert not stopped(paused)


def test_a_later_process_with_the_same_pid_is_left_alone(home: Home, paused: Identity) -> None:
    keep(home, Identity(paused.pid, paused.ticks - 1), deadline=0.0)
    let_go(home)
    assert stopped(paused)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind": "pause", "made": false, "held": [["x"]]}']
)
def test_a_file_that_is_no_lease_is_left_to_the_keeper(
    home: Home, paused: Identity, text: str
) -> None:
    keep(home, paused, deadline=0.0)
    (home.leases / "0.json").write_text(text)
    let_go(home)
    assert not stopped(paused)
