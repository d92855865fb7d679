"""The drill's child process: the one place outside `deploy` that starts a process.

A drill runs in a session of its own and owes this service nothing: it goes on
when the service dies, and its journal tells how it ended. It inherits the
environment, and with it the stack's id, by which `down` finds it, but not the
mark of a component: whoever stops the control service must not take it along.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.home import PROJECT
from deploy.local.processes import COMPONENT_MARK

CHAOS = (sys.executable, "-m", "chaos")
# What a person asks the chaos room by: it has the verbs that `chaos` itself does without.
COMMAND = (sys.executable, "-m", "deploy", "chaos")
ANSWER_TIMEOUT = 30.0
# Its exit code for what it was asked for and cannot find, or for a mistake in the asking.
WRONG = 2
# Seconds by which two readings of a process' start may differ when the clock is stepped.
CLOCK_SLACK = 2.0


class ChaosRoomError(Exception):
    """`python -m chaos` could not be asked; the message holds its last line."""


class NotThereError(ChaosRoomError):
    """It says that what it was asked for is not there; the message is its own."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be mistaken for a later one of the same pid."""

    pid: int
    started: float


def ask_chaos(arguments: Sequence[str], chaos: tuple[str, ...] = CHAOS) -> str:
    """Return what `chaos` prints with these arguments.

    Raises:
        NotThereError: what it was asked for is not there.
        ChaosRoomError: it failed, or took longer than `ANSWER_TIMEOUT` seconds.
    """
    failed = f"`pharos chaos {arguments[0]}` does not answer"
    try:
        done = subprocess.run(
            [*chaos, *arguments],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ANSWER_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ChaosRoomError(f"{failed}: {error}") from error
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        if done.returncode == WRONG:
            raise NotThereError(words[-1].removeprefix("pharos: "))
        raise ChaosRoomError(f"{failed}: {words[-1]}")
    return done.stdout


@dataclass
class DrillProcesses:
    """Starts runs and tells whether they still run."""

    chaos: tuple[str, ...] = CHAOS
    _children: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(
        self, folder: Path, *, experiment: str, actor: str, reason: str, profile: str
    ) -> Process:
        """Start `chaos run` for the run that `folder` is named after.

        Raises:
            OSError: the folder or the process could not be made.
            ValueError: an argument has a NUL in it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        environment = {name: text for name, text in os.environ.items() if name != COMPONENT_MARK}
        asked = {"--run": folder.name, "--actor": actor, "--reason": reason, "--profile": profile}
        arguments = [text for option in asked.items() for text in option]
        with (folder / "runner.out").open("ab") as out:
            child = subprocess.Popen(
                [*self.chaos, "run", experiment, *arguments],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with self._lock:
            self._children[child.pid] = child
        return Process(child.pid, psutil.Process(child.pid).create_time())

    def runs(self, process: Process) -> bool:
        """Tell whether it still runs; a child that ended is also laid to rest."""
        self._reap(process.pid)
        found = find_process(process.pid)
        return found is not None and abs(found.started - process.started) <= CLOCK_SLACK

    def _reap(self, pid: int) -> None:
        with self._lock:
            child = self._children.get(pid)
            if child is not None and child.poll() is not None:
                del self._children[pid]


def find_process(pid: int) -> Process | None:
    """Return the process that has `pid` now; null when there is none, or only its remains."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return Process(pid, process.create_time())
    except psutil.NoSuchProcess:
        return None


def last_words(folder: Path) -> str:
    """Return the last line that a runner wrote to its output; empty when it wrote none."""
    try:
        lines = (folder / "runner.out").read_text(errors="replace").strip().splitlines()
    except FileNotFoundError:
        return ""
    return lines[-1] if lines else ""
