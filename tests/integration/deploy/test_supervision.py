"""Starting, crashing, sweeping and stopping, with real processes of stand-in parts."""

import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from deploy.driver import ComponentState, StackStatus
from deploy.home import PROJECT, Home
from deploy.local.acquire import AcquireError
from deploy.local.down import down
from deploy.local.layout import StackError
from deploy.local.processes import STACK_MARK, identify, wait_gone
from deploy.local.progress import Steps
from deploy.local.specs import read_record, running
from deploy.local.starting import NotHealthyError
from deploy.local.status import status_now
from deploy.local.stopping import stack_processes
from deploy.local.supervisor import Supervisor
from deploy.local.up import up
from deploy.local.wanted import Wanted
from tests.fakes.parts import small_parts
from tests.fixtures.running import PATIENCE, eventually, listening

PARTS = small_parts()


def _pid(home: Home, name: str) -> int:
    record = running(home, name)
    assert record, name
    return record.identity.pid


def _state(status: StackStatus, name: str) -> ComponentState:
    return next(part.state for part in status.components if part.name == name)


def _all_answer(status: StackStatus) -> bool:
    supervisor = _state(status, "supervisor") is ComponentState.READY
    return supervisor and all(row.ready for row in status.replicas)


def _assert_nothing_left(home: Home) -> None:
    assert stack_processes(home) == []
    assert listening(home) == []


def test_up_starts_every_part_and_down_leaves_nothing(home: Home, steps: Steps) -> None:
    outcome = up(home, steps, parts=PARTS)
    assert set(outcome.started) == {
        "redis",
        "gateway",
        "api-1",
        "api-2",
        "relay",
        "worker",
        "control",
    }
    eventually(lambda: status_now(home, PARTS), _all_answer, "supervisor and replicas ready")
    assert down(home, print).ended >= 8
    _assert_nothing_left(home)


def test_up_again_starts_only_what_is_missing(home: Home, steps: Steps) -> None:
    up(home, steps, parts=PARTS)
    before = {name: _pid(home, name) for name in ("redis", "api-1", "control")}
    again = up(home, steps, replicas=3, parts=PARTS)
    assert again.started == ["api-3"]
    assert {name: _pid(home, name) for name in before} == before


def test_a_killed_part_comes_back_with_another_pid(home: Home, steps: Steps) -> None:
    up(home, steps, parts=PARTS)
    before = _pid(home, "relay")
    os.kill(before, signal.SIGKILL)
    eventually(
        lambda: status_now(home, PARTS),
        lambda status: (
            _state(status, "relay") is ComponentState.READY and _pid(home, "relay") != before
        ),
        "relay back",
    )


def test_parts_outlive_the_supervisor_and_up_starts_afresh(home: Home, steps: Steps) -> None:
    up(home, steps, parts=PARTS)
    circus = Supervisor(home).identity()
    assert circus
    before = _pid(home, "redis")
    os.kill(circus.pid, signal.SIGKILL)
    assert wait_gone([circus], PATIENCE) == []
    status = eventually(
        lambda: status_now(home, PARTS),
        lambda status: _state(status, "redis") is ComponentState.READY,
        "redis ready",
    )
    assert _state(status, "supervisor") is ComponentState.STOPPED
    assert "redis" in up(home, steps, parts=PARTS).started
    assert identify(before) is None
    assert sum(process.component == "redis" for process in stack_processes(home)) == 1


def test_down_ends_what_was_started_beside_the_parts(home: Home, steps: Steps) -> None:
    up(home, steps, parts=PARTS)
    drill = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"],
        env={STACK_MARK: home.stack_id},
        start_new_session=True,
    )
    down(home, print)
    assert drill.wait(5) != 0


# Blocked, the signal is waited for even where it comes before the wait has begun.
DRILL = """
import pathlib, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
pathlib.Path(sys.argv[1]).touch()
signal.sigwait({signal.SIGTERM})
pathlib.Path(sys.argv[1]).write_text(str(pathlib.Path(f"/proc/{sys.argv[2]}").exists()))
"""


def test_down_lets_a_drill_end_while_the_parts_still_run(home: Home, steps: Steps) -> None:
    up(home, steps, parts=PARTS)
    seen = home.root / "data" / "seen"
    subprocess.Popen(
        [sys.executable, "-c", DRILL, str(seen), str(_pid(home, "api-1"))],
        env={STACK_MARK: home.stack_id},
        start_new_session=True,
    )
    eventually(seen.exists, bool, "the drill at work")
    down(home, print)
    assert seen.read_text() == "True"


def test_down_works_with_the_supervisor_dead(home: Home, steps: Steps) -> None:
    up(home, steps, parts=PARTS)
    circus = Supervisor(home).identity()
    assert circus
    os.kill(circus.pid, signal.SIGKILL)
    down(home, print)
    _assert_nothing_left(home)


def test_down_ends_a_supervisor_that_hangs(home: Home, steps: Steps) -> None:
    up(home, steps, parts=PARTS)
    circus = Supervisor(home).identity()
    assert circus
    os.kill(circus.pid, signal.SIGSTOP)
    down(home, print)
    _assert_nothing_left(home)


def test_what_is_wanted_is_got_before_anything_starts(home: Home, steps: Steps) -> None:
    def refuse(_: Home, wanted: Wanted, __: object) -> None:
        raise AcquireError(f"wanted: {', '.join(wanted.extras)}")

    with pytest.raises(AcquireError, match="wanted: errors"):
        up(home, steps, extras=["errors"], parts=replace(PARTS, obtain=refuse))
    assert stack_processes(home) == []
    assert not home.stack_file.exists()


def test_a_taken_port_is_named_with_its_holder_and_nothing_starts(home: Home, steps: Steps) -> None:
    port = home.ports["control"]
    with socket.create_server(("127.0.0.1", port)), pytest.raises(StackError) as refusal:
        up(home, steps, parts=PARTS)
    assert f"port {port}, wanted by control" in str(refusal.value)
    assert f"pid {os.getpid()}" in str(refusal.value)
    assert stack_processes(home) == []


def test_a_part_that_never_answers_is_named_and_all_is_stopped(home: Home, steps: Steps) -> None:
    with pytest.raises(NotHealthyError) as failure:
        up(home, steps, parts=small_parts({"redis": ("--deaf",)}, start_timeout=3))
    assert failure.value.component == "redis"
    assert str(home.logs / "redis.log") in str(failure.value)
    _assert_nothing_left(home)
    assert not home.stack_file.exists()


def test_a_failed_addition_leaves_the_running_stack_alone(home: Home, steps: Steps) -> None:
    up(home, steps, parts=PARTS)
    before = _pid(home, "redis")
    with (
        socket.create_server(("127.0.0.1", home.ports.replica(3)[0])),
        pytest.raises(StackError, match="api-3"),
    ):
        up(home, steps, replicas=3, parts=PARTS)
    assert _pid(home, "redis") == before
    assert len(status_now(home, PARTS).replicas) == 4


def test_a_part_that_crashes_in_a_loop_is_backed_off_and_shown_so(home: Home, steps: Steps) -> None:
    crashing = small_parts({"redis": ("--crash",)})

    def shown() -> tuple[ComponentState, int]:
        state, record = _state(status_now(home, crashing), "redis"), read_record(home, "redis")
        return state, record.short_runs if record else 0

    with ThreadPoolExecutor(1) as beside:
        failing = beside.submit(up, home, steps, parts=crashing)
        eventually(
            shown,
            lambda seen: seen[0] is ComponentState.BACKOFF and seen[1] >= 2,
            "redis backed off after two short runs",
        )
        with pytest.raises(NotHealthyError, match="redis"):
            failing.result(PATIENCE)
    _assert_nothing_left(home)


def test_an_interrupted_up_stops_what_it_started(home: Home, steps: Steps) -> None:
    timer = threading.Thread(target=_interrupt_when_something_runs, args=(home,))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        up(home, steps, parts=small_parts({"redis": ("--deaf",)}))
    timer.join()
    _assert_nothing_left(home)


UP_WITH_A_DEAF_PART = """
from rich.console import Console
from deploy.home import PROJECT, Home
from deploy.local.interruption import interruptible
from deploy.local.progress import Steps
from deploy.local.up import up
from tests.fakes.parts import small_parts

interruptible()
with Steps(Console(stderr=True)) as steps:
    up(Home.from_environment(), steps, parts=small_parts({"redis": ("--deaf",)}))
"""


def test_an_up_whose_terminal_is_closed_stops_what_it_started(home: Home) -> None:
    ours, its = os.openpty()
    place = {"PHAROS_HOME": str(home.root), "PHAROS_PORT_BASE": str(home.ports.base)}
    starting = subprocess.Popen(
        [sys.executable, "-c", UP_WITH_A_DEAF_PART],
        env=os.environ | place | {"PYTHONPATH": str(PROJECT), "TERM": "xterm"},
        stdout=its,
        stderr=its,
    )
    os.close(its)
    eventually(lambda: running(home, "gateway"), bool, "the first part")
    os.close(ours)
    starting.send_signal(signal.SIGHUP)
    starting.send_signal(signal.SIGHUP)
    assert starting.wait(PATIENCE) != 0
    _assert_nothing_left(home)


def _interrupt_when_something_runs(home: Home) -> None:
    eventually(lambda: running(home, "gateway"), bool, "the first part")
    os.kill(os.getpid(), signal.SIGINT)


def test_a_second_up_waits_for_the_first(home: Home, steps: Steps) -> None:
    first = threading.Thread(target=lambda: up(home, steps, parts=PARTS))
    first.start()
    eventually(lambda: running(home, "redis"), bool, "the first up at work")
    second = up(home, steps, parts=PARTS)
    first.join()
    assert second.started == []
    assert sum(process.component == "redis" for process in stack_processes(home)) == 1


def test_two_stacks_do_not_see_each_other(home: Home, steps: Steps) -> None:
    up(home, steps, parts=PARTS)
    other = Home(home.root / "data" / "other", home.ports)
    assert stack_processes(other) == []
    assert len(stack_processes(home)) >= 8
