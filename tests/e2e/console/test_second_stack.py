"""A second stack beside the suite's: side by side, refusals, interruption, and leaving nothing."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator

import psutil
import pytest

from deploy.home import Home
from tests.fixtures.running import RunningStack, eventually, listening
from tests.fixtures.stack import new_home

pytestmark = pytest.mark.stack


@pytest.fixture
def second(stack: RunningStack) -> Iterator[RunningStack]:
    """Return another home and range of ports; nothing runs there yet."""
    other = RunningStack(new_home("second"))
    yield other
    other.run("down", "--wipe", "--yes")
    shutil.rmtree(other.home.root, ignore_errors=True)


def _ours(home: Home) -> list[int]:
    """Return the processes that carry the stack's mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("PHAROS_STACK_ID") == home.stack_id:
                found.append(process.pid)
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


def _assert_nothing_left(home: Home) -> None:
    assert _ours(home) == []
    assert listening(home) == []


def test_two_stacks_run_side_by_side_and_down_leaves_nothing(
    stack: RunningStack, second: RunningStack
) -> None:
    answer = second.run("up", "--replicas", "1", seconds=300)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    second.wait_until_ready()
    assert second.run("down").returncode == 0
    _assert_nothing_left(second.home)
    assert (second.home.data / "postgres").exists()
    assert stack.wait_until_ready().ready


def test_a_taken_port_is_named_before_anything_starts(second: RunningStack) -> None:
    port = second.home.ports["prometheus"]
    with socket.create_server(("127.0.0.1", port)):
        answer = second.run("up")
    assert answer.returncode == 1
    assert str(port) in answer.stderr
    assert "PHAROS_PORT_BASE" in answer.stderr
    _assert_nothing_left(second.home)


def test_an_interrupted_up_leaves_nothing(second: RunningStack) -> None:
    up = second.start("up")
    eventually(
        lambda: listening(second.home), bool, "the first port of the second stack", seconds=120
    )
    up.send_signal(signal.SIGINT)
    up.communicate(timeout=120)
    assert up.returncode not in (0, None)
    _assert_nothing_left(second.home)


def test_a_server_that_does_not_come_up_is_named_with_its_log(second: RunningStack) -> None:
    second.home.mark_file.touch()
    second.home.data.mkdir(parents=True)
    (second.home.data / "prometheus").write_text("in the way of the folder")
    answer = second.run("up", seconds=300)
    assert answer.returncode in (1, 3)
    assert "prometheus" in answer.stderr
    _assert_nothing_left(second.home)


@pytest.mark.skipif(os.geteuid() == 0, reason="lacks a calling user whom folder modes bind")
def test_a_home_without_rights_is_refused_in_one_line(second: RunningStack) -> None:
    second.home.root.chmod(0o500)
    answer = second.run("up")
    second.home.root.chmod(0o711)
    assert answer.returncode == 1
    assert len(answer.stderr.strip().splitlines()) == 1
