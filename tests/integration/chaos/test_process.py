"""A drill in its own process: what a signal, a halt and a kill leave behind."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.journal import read_journal, read_verdict
from chaos.runner.guards import LOCK, running_drill
from chaos.runner.halt import throw_halt
from chaos.schemas import Verdict
from deploy.home import PROJECT, Home
from tests.fakes.driver import FakeDriver
from tests.fakes.surroundings import surroundings
from tests.fakes.tracker import FakeTracker
from tests.fakes.traffic import FakeTraffic
from tests.fixtures.running import eventually
from tests.fixtures.stack import free_ports

RUN = "20260131T120000-a1b2"
PATIENCE = 30.0


class Runner:
    """`python -m chaos run kill-replica` over a fake stack, whose replicas never come back."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root, free_ports())
        self.driver = FakeDriver(api=2)
        self.traffic = FakeTraffic()
        self.child: subprocess.Popen[str] | None = None

    @property
    def folder(self) -> Path:
        return self.home.drills / RUN

    def start(self, environment: str = "local", **further: str) -> None:
        command = ["run", "kill-replica", "--run", RUN, "--actor", "ana", "--reason", "a test"]
        command += ["--profile", "game-day"]
        self.child = subprocess.Popen(
            [sys.executable, "-m", "chaos", *command],
            cwd=PROJECT,
            env={
                **os.environ,
                "PHAROS_HOME": str(self.home.root),
                "PHAROS_PORT_BASE": str(self.home.ports.base),
                "PHAROS_ENVIRONMENT": environment,
                **further,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def kinds(self) -> list[str]:
        try:
            return [entry.kind for entry in read_journal(self.folder)]
        except FileNotFoundError:
            return []

    def until(self, kind: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while kind not in self.kinds():
            assert time.monotonic() < deadline, f"never came to {kind}: {self.kinds()}"
            time.sleep(0.02)

    def started(self) -> subprocess.Popen[str]:
        assert self.child is not None
        return self.child

    def exit_code(self) -> int:
        self.started().communicate(timeout=PATIENCE)
        return self.started().returncode


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    runner = Runner(tmp_path)
    with surroundings(runner.home, runner.driver, runner.traffic):
        yield runner
        if runner.child is not None and runner.child.poll() is None:
            runner.child.kill()
            runner.child.wait()


def stay_away(runner: Runner) -> None:
    """Let what is killed from now on never be ready again."""
    runner.driver.stuck = {"api-1", "api-2"}


def come_back(runner: Runner) -> None:
    runner.driver.stuck = set()


def test_a_sigterm_ends_the_wait_for_recovery_with_an_undo_and_an_end(runner: Runner) -> None:
    runner.start()
    runner.until("fault.injecting")
    stay_away(runner)
    runner.until("recovering")
    runner.started().send_signal(signal.SIGTERM)
    runner.until("aborted")
    come_back(runner)
    assert runner.exit_code() == 3
    kinds = [kind for kind in runner.kinds() if not kind.startswith("signal.")]
    assert kinds[-2:] == ["undo", "run.ended"]
    verdict = read_verdict(runner.folder)
    assert verdict is not None
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert verdict.reason.startswith("halted by SIGTERM: sent by process")


def test_a_signal_that_the_engine_takes_for_leave_without_undo_undoes_all_the_same(
    runner: Runner,
) -> None:
    runner.start()
    runner.until("recovering")
    runner.started().send_signal(signal.SIGUSR2)
    assert runner.exit_code() == 3
    assert "undo" in runner.kinds()


def test_the_halt_file_ends_a_drill(runner: Runner) -> None:
    runner.start()
    runner.until("recovering")
    throw_halt(runner.home, "ben", "a real incident")
    runner.until("aborted")
    assert runner.exit_code() == 3


def test_a_killed_runner_leaves_a_readable_journal_without_an_end_and_lets_go_of_the_lock(
    runner: Runner,
) -> None:
    runner.start()
    runner.until("recovering")
    assert running_drill(runner.home) == RUN
    runner.started().kill()
    runner.started().wait()
    assert runner.kinds()[-1] != "run.ended"
    assert read_verdict(runner.folder) is None
    assert running_drill(runner.home) is None


def test_a_guard_refuses_with_its_own_exit_code_and_touches_nothing(runner: Runner) -> None:
    runner.start(environment="production")
    assert runner.exit_code() == 4
    assert runner.driver.killed == []
    assert runner.kinds() == ["run.started", "refused", "run.ended"]
    assert read_journal(runner.folder)[0].fields["profile"] == "game-day"


def test_a_runner_that_breaks_ends_with_a_verdict_and_tells_the_error_tracker(
    runner: Runner,
) -> None:
    (runner.home.drills / LOCK).mkdir(parents=True)
    with FakeTracker().serving() as tracker:
        runner.start(PHAROS_SENTRY_DSN=tracker.dsn)
        assert runner.exit_code() == 1
        # It waits two seconds for the tracker's answer, and no longer.
        eventually(lambda: tracker.envelopes, bool, "what it told")
    assert "IsADirectoryError" in tracker.envelopes[0]
    assert RUN in tracker.envelopes[0]
    verdict = read_verdict(runner.folder)
    assert verdict is not None
    assert verdict.reason.startswith("the runner broke: IsADirectoryError")


def test_an_unknown_experiment_is_wrong_usage() -> None:
    command = ["run", "kill-everything", "--run", RUN, "--actor", "ana", "--reason", "a test"]
    done = subprocess.run(
        [sys.executable, "-m", "chaos", *command],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert re.search(r"known are .*kill-replica", done.stderr)
