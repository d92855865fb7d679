"""Whether a backstop is there: a lock that it holds once it can end leases.

Whoever wants one writes down that moment before it looks, and one that was long not
wanted looks again after it has let go of the lock: so nobody relies on one that leaves.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.home import Home

IDLE_SECONDS = 300.0
# Whoever only looks has the lock for an instant, too.
LOOK_SECONDS = 0.5
POLL = 0.02


def want(home: Home) -> None:
    """Let a backstop stay for a while longer."""
    path = _lock_file(home)
    path.touch()
    os.utime(path)


def wanted(home: Home) -> bool:
    """Return whether somebody wanted one not long ago."""
    try:
        return time.time() - _lock_file(home).stat().st_mtime < IDLE_SECONDS
    except FileNotFoundError:
        return False


def stands(home: Home) -> bool:
    """Return whether one is there and can end leases."""
    with _lock_file(home).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


@contextmanager
def standing(home: Home) -> Iterator[bool]:
    """Be the one backstop in the block; yields False where another one is."""
    with _lock_file(home).open("a") as lock:
        deadline = time.monotonic() + LOOK_SECONDS
        while not (taken := _taken(lock.fileno())) and time.monotonic() < deadline:
            time.sleep(POLL)
        yield taken


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_file(home: Home) -> Path:
    return home.run / "backstop.lock"
