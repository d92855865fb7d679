"""Finding and ending the processes of one stack, each known by its pid and start time.

A process belongs to a stack when its environment carries the stack's mark, when
a launch record names it (some servers write over their environment), or when
it descends from one that does. Nothing is found or ended by its name.
"""

import os
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

from deploy.local.launch import start_ticks

STACK_MARK = "PHAROS_STACK_ID"
COMPONENT_MARK = "PHAROS_COMPONENT"
PROC = Path("/proc")
POLL = 0.05


@dataclass(frozen=True, slots=True)
class Identity:
    """A process that cannot be mistaken for a later one with the same pid."""

    pid: int
    ticks: int


@dataclass(frozen=True, slots=True)
class StackProcess:
    """A process of the stack, and the component that it belongs to, where known."""

    identity: Identity
    parent: int
    component: str | None


def _stat(pid: int) -> str | None:
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if text.rpartition(")")[2].split()[0] in "ZX" else text


def identify(pid: int) -> Identity | None:
    """Return who runs as `pid` now; None when nobody does, or only a zombie."""
    stat = _stat(pid)
    return None if stat is None else Identity(pid, start_ticks(stat))


def alive(identity: Identity) -> bool:
    return identify(identity.pid) == identity


def stopped(identity: Identity) -> bool:
    """Return whether exactly this process is stopped, as SIGSTOP leaves it."""
    stat = _stat(identity.pid)
    if stat is None or start_ticks(stat) != identity.ticks:
        return False
    return stat.rpartition(")")[2].split()[0] == "T"


def send(identity: Identity, number: int) -> bool:
    """Send a signal to exactly this process; False when it is gone.

    Raises:
        PermissionError: it belongs to another user.
    """
    try:
        handle = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return False
    try:
        if not alive(identity):
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def _environment(pid: int) -> dict[str, str]:
    try:
        raw = (PROC / str(pid) / "environ").read_bytes()
    except OSError:  # another user's, or gone: neither is ours
        return {}
    pairs = (item.partition("=") for item in raw.decode(errors="replace").split("\0"))
    return {name: value for name, _, value in pairs}


def command_of(pid: int) -> str:
    """Return the start of a process' command line, for a person to read; "gone" without one."""
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:  # it ended just now, or is another user's
        raw = b""
    program, *arguments = raw.decode(errors="replace").split("\0")
    return shorten(" ".join([Path(program).name, *arguments]), 72, placeholder=" …") or "gone"


def _everything() -> dict[int, str]:
    stats = ((int(entry.name), _stat(int(entry.name))) for entry in PROC.glob("[0-9]*"))
    return {pid: stat for pid, stat in stats if stat is not None}


def find(stack_id: str, recorded: Mapping[str, Identity]) -> list[StackProcess]:
    """Return every living process of the stack but the calling one.

    `recorded` maps components to what their launch records name.
    """
    stats = _everything()
    stats.pop(os.getpid(), None)
    parents = {pid: int(stat.rpartition(")")[2].split()[1]) for pid, stat in stats.items()}
    owners: dict[int, str | None] = {}
    for pid in stats:
        environment = _environment(pid)
        if environment.get(STACK_MARK) == stack_id:
            owners[pid] = environment.get(COMPONENT_MARK)
    for name, identity in recorded.items():
        if identity.pid in stats and start_ticks(stats[identity.pid]) == identity.ticks:
            owners[identity.pid] = name
    _add_descendants(owners, parents)
    return [
        StackProcess(Identity(pid, start_ticks(stats[pid])), parents[pid], owner)
        for pid, owner in sorted(owners.items())
    ]


def _add_descendants(owners: dict[int, str | None], parents: Mapping[int, int]) -> None:
    grown = True
    while grown:
        found = {
            pid: owners[up] for pid, up in parents.items() if up in owners and pid not in owners
        }
        owners.update(found)
        grown = bool(found)


def heads(processes: Iterable[StackProcess]) -> list[Identity]:
    """Return those whose parent is not among them: the ones that a stop is addressed to."""
    listed = list(processes)
    pids = {process.identity.pid for process in listed}
    return [process.identity for process in listed if process.parent not in pids]


def wait_gone(identities: Iterable[Identity], timeout: float) -> list[Identity]:
    """Wait until all have ended, at most `timeout` seconds; return those that have not."""
    deadline = time.monotonic() + timeout
    left = [identity for identity in identities if alive(identity)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL)
        left = [identity for identity in left if alive(identity)]
    return left
