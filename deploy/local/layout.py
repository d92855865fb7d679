"""The folders of a home on disk, and the lock under which a stack is changed."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from deploy.home import Home
from deploy.prometheus.notifying import PASSWORD

# PostgreSQL's own user passes through the home and `data`, and sees nothing on the way.
MODES = {
    "root": 0o711,
    "data": 0o711,
    "logs": 0o755,
    "run": 0o711,
    "conf": 0o711,
    "keys": 0o700,
    "drills": 0o700,
    "runs": 0o700,
}


class StackError(Exception):
    """Something that the person at the terminal can act on; the message says how."""


class BusyError(StackError):
    """Another command is changing this stack."""


def histories(home: Home) -> tuple[Path, ...]:
    """Return what drills leave beside the folders of `MODES`, files and folders."""
    return home.halt_file, home.ledger_file, home.rehearsals_file, home.game_days


def prepare_home(home: Home) -> None:
    """Mark the home, make the folders that are missing and set their modes.

    The mark comes first, so that a home which is half made is known as one.

    Raises:
        StackError: the home cannot be written, or holds things that are none of ours.
    """
    _refuse_foreign(home)
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        _mark(home)
        for name, mode in MODES.items():
            folder: Path = getattr(home, name)
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_mode & 0o777 != mode:
                folder.chmod(mode)
    except OSError as error:
        raise StackError(
            f"cannot make {error.filename}: {error.strerror}. "
            "Set PHAROS_HOME to a folder that you may write"
        ) from error


def _is_home(home: Home) -> bool:
    """Names of folders tell nothing, others have a `data` and a `run`, too.

    The key is the mark of a home that an earlier release made.
    """
    return home.mark_file.is_file() or (home.keys / "agent_token").is_file()


def _mark(home: Home) -> None:
    if not home.mark_file.exists():
        home.mark_file.write_text("A home of Pharos: `pharos down --wipe` removes what it keeps.\n")


def require_home(home: Home) -> None:
    """Keep a mistyped PHAROS_HOME from stopping and removing what is in somebody's folder.

    Raises:
        StackError: it is no home, or no longer.
    """
    if not _is_home(home):
        raise StackError(
            f"{home.root} is no home of Pharos: nothing was stopped or removed. "
            "Set PHAROS_HOME to that of the stack"
        )
    _mark(home)


def _refuse_foreign(home: Home) -> None:
    """Keep a mistyped PHAROS_HOME from changing modes in, and later wiping, somebody's folder."""
    if _is_home(home):
        return
    try:
        foreign = sorted({path.name for path in home.root.iterdir()} - _laid_down_before(home))
    except OSError:  # it is not there yet, or making it will say what is wrong
        return
    if foreign:
        raise StackError(
            f"{home.root} holds other things ({', '.join(foreign[:3])}): "
            "set PHAROS_HOME to a folder of its own"
        )


def _laid_down_before(home: Home) -> set[str]:
    """Return what a home may hold before its first `up`: what operator, load and drills left."""
    known = {path.name for path in (home.alerting_file, home.freeze_file, *histories(home))}
    if {path.name for path in home.keys.glob("*")} == {PASSWORD}:
        known.add(home.keys.name)
    if all(path.suffix == ".jsonl" for path in home.runs.glob("*")):
        known.add(home.runs.name)
    return known


def private_sockets(home: Home) -> Path:
    """Return the folder of the supervisor's sockets, which nobody else may enter.

    It is `run/sockets`, or one below the temporary folder when the path would
    be longer than a socket's may be.

    Raises:
        StackError: the folder is there, but not ours or not private.
    """
    folder = home.run / "sockets"
    if len(os.fsencode(folder)) > 90:
        folder = Path("/tmp") / f"pharos-{os.geteuid()}-{home.stack_id}"  # noqa: S108
    folder.mkdir(mode=0o700, exist_ok=True)
    seen = folder.lstat()
    if seen.st_uid != os.geteuid() or seen.st_mode & 0o170077 != 0o040000:
        raise StackError(f"{folder} must be a folder of yours with mode 0700: remove it, try again")
    return folder


def _lock_file(home: Home) -> TextIO:
    path = home.run / "lock"
    try:
        return path.open("a+")
    except PermissionError as error:
        raise StackError(f"{path} is another user's: run as the one who started it") from error


@contextmanager
def changing(home: Home, waiting: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the stack's lock, so that two commands never change it at once.

    With `waiting` given, it is told who holds the lock and the call blocks.

    Raises:
        BusyError: somebody else holds it, and `waiting` is None.
    """
    with _lock_file(home) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            if waiting is None:
                raise BusyError(f"{holder} is changing this stack") from None
            waiting(holder)
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(f"pid {os.getpid()}")
        file.flush()
        yield
        file.truncate(0)
