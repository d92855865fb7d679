"""The root command, and the one line that a failure is."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.home import PROJECT
from tests.fixtures.running import PATIENCE


def _run(home: Path, *args: str, base: str = "9000") -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PHAROS_HOME": str(home), "PHAROS_PORT_BASE": base}
    return subprocess.run(
        [sys.executable, "-m", "deploy", *args],
        cwd=PROJECT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("base", ["zero", "80", "65530"])
def test_a_wrong_port_base_is_wrong_usage_in_one_line(tmp_path: Path, base: str) -> None:
    answer = _run(tmp_path, "status", base=base)
    assert answer.returncode == 2
    assert answer.stderr.startswith("pharos: PHAROS_PORT_BASE")
    assert len(answer.stderr.splitlines()) == 1


def test_status_of_a_stack_that_does_not_run_is_not_ready(tmp_path: Path) -> None:
    answer = _run(tmp_path, "status", "--json")
    assert answer.returncode == 3
    assert '"ready": false' in answer.stdout


def test_down_where_nothing_runs_is_fine_and_makes_nothing(tmp_path: Path) -> None:
    answer = _run(tmp_path / "never", "down")
    assert answer.returncode == 0, answer.stderr
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize(
    "args", [("up", "--replicas", "0"), ("up", "--replicas", "17"), ("up", "--with", "sails")]
)
def test_wrong_options_are_wrong_usage_and_start_nothing(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    assert _run(tmp_path / "home", *args).returncode == 2
    assert not (tmp_path / "home").exists()


def test_open_without_a_stack_says_what_to_do(tmp_path: Path) -> None:
    answer = _run(tmp_path, "open")
    assert answer.returncode == 3
    assert "pharos up" in answer.stdout


def test_logs_of_an_unknown_component_is_one_line(tmp_path: Path) -> None:
    answer = _run(tmp_path, "logs", "sails")
    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 1


def test_following_ends_with_ctrl_c_and_that_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "redis.log").write_text("sailing\n")
    following = subprocess.Popen(
        [sys.executable, "-m", "deploy", "logs", "redis", "-f"],
        cwd=PROJECT,
        env=os.environ | {"PHAROS_HOME": str(tmp_path), "PHAROS_PORT_BASE": "9000"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert following.stdout
    assert "sailing" in following.stdout.readline()
    following.send_signal(signal.SIGINT)
    assert following.communicate(timeout=PATIENCE)[1] == ""
    assert following.returncode == 0
