"""What keeps a drill from starting: checked in the runner too, whoever started it."""

import fcntl
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from chaos.runner.halt import read_halt
from deploy.home import Home
from deploy.local.wanted import missing_extras

LOCK = ".lock"
PRODUCTION = "production"
LOOK_SECONDS = 0.3


class GuardError(Exception):
    """A guard refuses the drill; the message says which and what would change it."""


def check_guards(home: Home, environment: str, needs: Collection[str] = ()) -> None:
    """Return when a drill that `needs` these extras of the stack may start.

    Raises:
        GuardError: production, the halt switch is on, or an extra is not there.
    """
    if environment == PRODUCTION:
        raise GuardError("drills are not run in production")
    halt = read_halt(home)
    if halt.on:
        raise GuardError(
            f"drills are halted by {halt.by}: {halt.reason}. "
            "When it is safe again: pharos chaos rearm --reason …"
        )
    if missing := missing_extras(home, needs):
        raise GuardError(needs_words(missing))


def needs_words(missing: Collection[str]) -> str:
    """Return what is to be done so that a drill finds these extras of the stack."""
    return f"needs `pharos up {' '.join(f'--with {name}' for name in missing)}`"


@contextmanager
def alone(home: Home, run: str) -> Iterator[None]:
    """Hold the lock that only one drill at a time may have.

    The kernel lets go of it when this process ends, however it ends.

    Raises:
        GuardError: another drill holds it.
    """
    with locked(home.drills, run, "drill"):
        yield


@contextmanager
def locked(folder: Path, run: str, kind: str) -> Iterator[None]:
    """Hold the lock of `folder`, of which there is one for each kind of run."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as lock:
        try:
            _take(lock)
        except BlockingIOError:
            lock.seek(0)
            raise GuardError(f"another {kind} is running: {lock.read().strip()}") from None
        lock.truncate(0)
        os.pwrite(lock.fileno(), f"{run}\n".encode(), 0)
        yield


def _take(lock: IO[str]) -> None:
    """Take the lock; whoever only looks at it (`running_drill`) has it for an instant, too.

    Raises:
        BlockingIOError: another drill has it.
    """
    deadline = time.monotonic() + LOOK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_SECONDS / 20)
        else:
            return


def running_drill(home: Home) -> str | None:
    """Return the drill that runs now; None when none does."""
    return lock_holder(home.drills)


def lock_holder(folder: Path) -> str | None:
    """Return the run that holds the folder's lock now; None when nobody does."""
    try:
        lock = (folder / LOCK).open("r+")
    except FileNotFoundError:
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return lock.read().strip() or None
        return None
