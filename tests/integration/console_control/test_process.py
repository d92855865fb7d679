"""`python -m console.control` as the supervisor runs it: its start, its end, and kill -9."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from console.control.storage.audit_file import read_rows
from console.control.storage.files import database_file
from tests.fixtures.control_service import Service
from tests.fixtures.running import eventually


@contextmanager
def _process(service: Service) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "console.control"], stderr=subprocess.PIPE, text=True
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def _ready(service: Service) -> bool:
    try:
        return httpx.get(f"{service.url}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_it_ends_in_time_although_the_node_agent_hangs(stopped: Service) -> None:
    with socket.create_server(("127.0.0.1", stopped.home.ports["agent"])), _process(stopped) as it:
        eventually(lambda: _ready(stopped), bool, "the service")
        it.send_signal(signal.SIGTERM)
        assert it.wait(timeout=20) in (0, -signal.SIGTERM)


def test_a_taken_port_is_one_line_with_the_remedy(stopped: Service) -> None:
    with (
        socket.create_server(("127.0.0.1", stopped.home.ports["control"])),
        _process(stopped) as late,
    ):
        _, said = late.communicate(timeout=30)
    assert late.returncode == 3
    assert said.startswith(f"control: port {stopped.home.ports['control']} cannot be had")
    assert said.count("\n") == 1


def test_a_second_one_does_nothing_while_the_first_still_starts(stopped: Service) -> None:
    release = stopped.home.data / "control" / "release"
    release.parent.mkdir(parents=True)
    os.mkfifo(release)
    with _process(stopped):
        writer = eventually(lambda: _opened(release), lambda found: found is not None, "a start")
        assert writer is not None
        # While nothing is written and nothing closed, the first waits for what it reads there.
        with os.fdopen(writer, "w"), _process(stopped) as late:
            _, said = late.communicate(timeout=30)
    assert (late.returncode, "cannot be had" in said) == (3, True)


def _opened(pipe: Path) -> int | None:
    """Return the writing end once somebody reads; null until then."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


def test_a_missing_key_is_one_line_with_the_remedy(stopped: Service) -> None:
    (stopped.home.keys / "webhook_token").unlink()
    with _process(stopped) as it:
        _, said = it.communicate(timeout=30)
    assert (it.returncode, said.count("\n")) == (3, 1)
    assert "webhook_token" in said
    assert "pharos up" in said


def test_what_was_written_before_a_kill_is_there_after_it(stopped: Service) -> None:
    for _ in range(2):
        with _process(stopped) as it, stopped.operator as operator:
            eventually(lambda: _ready(stopped), bool, "the service")
            assert operator.post("/v1/rearm", json={"reason": "kept"}).status_code == 200
            os.kill(it.pid, signal.SIGKILL)
            it.wait()
        assert len(read_rows(database_file(stopped.home))) > 0
    stopped.start()
    with stopped.operator as operator:
        reasons = [row["reason"] for row in operator.get("/v1/audit").json()]
    assert reasons.count("kept") == 2
    stopped.stop()
