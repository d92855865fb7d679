"""Finding a stack's processes, and ending exactly those."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial

import psutil
import pytest

from deploy.local.processes import (
    COMPONENT_MARK,
    STACK_MARK,
    Identity,
    alive,
    command_of,
    find,
    heads,
    identify,
    send,
    wait_gone,
)
from tests.fixtures.running import PATIENCE, eventually

# Of this run alone: another on the same machine has processes with marks of its own.
STACK = f"{os.getpid():08x}"
SLEEP = "import time; time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}], env={{}})"
Spawn = Callable[..., Identity]


@pytest.fixture
def spawn() -> Iterator[Spawn]:
    started: list[subprocess.Popen[bytes]] = []

    def start(code: str = SLEEP, **env: str) -> Identity:
        process = subprocess.Popen([sys.executable, "-c", code], env=env)
        started.append(process)
        # For a moment in its exec a process has no environment yet, though Popen has returned.
        known = psutil.Process(process.pid)
        eventually(known.environ, lambda told: env.items() <= told.items(), "its environment")
        found = identify(process.pid)
        assert found
        return found

    yield start
    for process in started:
        process.kill()
        process.wait()


def _marked(component: str) -> dict[str, str]:
    return {STACK_MARK: STACK, COMPONENT_MARK: component}


def _found(recorded: dict[str, Identity] | None = None) -> dict[int, str | None]:
    return {one.identity.pid: one.component for one in find(STACK, recorded or {})}


def test_a_process_is_found_by_its_mark(spawn: Spawn) -> None:
    ours, other = spawn(**_marked("redis")), spawn(**{STACK_MARK: "another"})
    assert _found() == {ours.pid: "redis"}
    assert alive(other)


def test_a_process_that_lost_its_mark_is_found_by_its_record(spawn: Spawn) -> None:
    bare = spawn()
    assert _found({"redis": bare}) == {bare.pid: "redis"}


def test_a_record_of_an_earlier_process_finds_nobody(spawn: Spawn) -> None:
    bare = spawn()
    assert _found({"redis": Identity(bare.pid, bare.ticks - 1)}) == {}


def test_children_belong_to_their_parents_component(spawn: Spawn) -> None:
    parent = spawn(PARENT, **_marked("rabbitmq"))
    found = eventually(_found, lambda found: len(found) == 2, "the child")
    assert set(found.values()) == {"rabbitmq"}
    assert heads(find(STACK, {})) == [parent]
    for pid in found.keys() - {parent.pid}:
        os.kill(pid, signal.SIGKILL)


def test_a_signal_reaches_only_the_very_process(spawn: Spawn) -> None:
    target = spawn()
    assert not send(Identity(target.pid, target.ticks - 1), signal.SIGKILL)
    assert alive(target)
    assert send(target, signal.SIGKILL)
    assert wait_gone([target], PATIENCE) == []
    assert not send(target, signal.SIGKILL)


def test_waiting_tells_who_is_still_there(spawn: Spawn) -> None:
    stays, goes = spawn(), spawn()
    assert wait_gone([stays, goes], 0.1) == [stays, goes]
    os.kill(goes.pid, signal.SIGKILL)
    look = partial(wait_gone, [stays, goes], 0.1)
    assert eventually(look, lambda left: goes not in left, "the end of one") == [stays]


def test_a_process_is_told_by_the_start_of_its_command_line(spawn: Spawn) -> None:
    pid = spawn("import time; time.sleep(60)  # " + "long " * 40).pid
    # Between fork and exec a process has no command line yet.
    told = eventually(lambda: command_of(pid), lambda text: text != "gone", "a command line")
    assert told.startswith("python")
    assert "time.sleep(60)" in told
    assert len(told) <= 72
