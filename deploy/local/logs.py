"""Reading the components' logs: the last lines, or all that come."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.home import Home
from deploy.local import extras
from deploy.local.layout import StackError
from deploy.local.parts import SERVER_NAMES, SERVICE_NAMES
from deploy.local.supervisor import NAME as SUPERVISOR
from deploy.local.wanted import SEATS

POLL = 0.3
# Enough for the last lines of any log; nobody waits for a whole file to be read.
TAIL_BYTES = 1024 * 1024
SERVERS = (SUPERVISOR, *SERVER_NAMES, *extras.COMPONENTS)
NAMES = (*SERVERS, *(seat.id for seat in SEATS), *SERVICE_NAMES)


class UnknownComponentError(StackError):
    """No component of that name has a log."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a component's log, as it was written."""

    component: str
    text: str


def log_files(home: Home, component: str | None) -> list[tuple[str, Path]]:
    """Return (component, file) for one component, or for all.

    A process of ours writes its log itself; `.out` holds what it printed
    before or beside that, such as the traceback of a start that failed.

    Raises:
        UnknownComponentError: there is no such component; names those that have a log.
    """
    names = [component] if component else list(NAMES)
    found = [
        (name, path)
        for name in names
        for path in (home.logs / f"{name}.log", home.logs / f"{name}.out")
        if path.exists()
    ]
    if component and not found:
        known = sorted({name for name, _ in log_files(home, None)})
        logged = ", ".join(known) or "none yet: run `pharos up`"
        raise UnknownComponentError(f"{component} has no log; those with one: {logged}")
    return found


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last `count` lines of a file."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        text = file.read().decode(errors="replace")
    return text.splitlines()[-count:] if count else []


def tail(files: Sequence[tuple[str, Path]], count: int) -> Iterator[Line]:
    for name, path in files:
        for text in last_lines(path, count):
            yield Line(name, text)


class Follower:
    """Reads what is added to files, across rotation and truncation."""

    def __init__(self, files: Sequence[tuple[str, Path]]) -> None:
        self._files = list(files)
        self._places = {path: (path.stat().st_ino, path.stat().st_size) for _, path in files}

    def lines(self) -> Iterator[Line]:
        """Yield lines as they come, until the caller stops."""
        while True:
            for name, path in self._files:
                yield from (Line(name, text) for text in self._added(path))
            time.sleep(POLL)

    def _added(self, path: Path) -> list[str]:
        try:
            seen = path.stat()
        except FileNotFoundError:  # between the two renames of a rotation
            return []
        inode, place = self._places[path]
        if seen.st_ino != inode or seen.st_size < place:
            place = 0
        with path.open("rb") as file:
            file.seek(place)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._places[path] = (seen.st_ino, place + len(whole) + len(newline))
        return whole.decode(errors="replace").splitlines()


def render(line: Line) -> str:
    """Return an ECS line as `time level component message`; others with their component's name."""
    try:
        fields = json.loads(line.text)
        stamp, level = fields["@timestamp"], fields["log.level"]
        head = f"{stamp[11:23]} {level:<7} {line.component:<12} {fields['message']}"
    except (ValueError, KeyError, TypeError):
        return f"{line.component:<12} {line.text}"
    trace = fields.get("error.stack_trace")
    return f"{head}{_details(fields)}" + (f"\n{trace}" if trace else "")


_SHOWN_ELSEWHERE = ("@timestamp", "message", "ecs.version", "error.stack_trace")
_PREFIXES = ("log.", "service.", "process.", "trace.")


def _details(fields: dict[str, object]) -> str:
    shown = [
        f"{name}={value}"
        for name, value in fields.items()
        if name not in _SHOWN_ELSEWHERE and not name.startswith(_PREFIXES)
    ]
    return f"  {' '.join(shown)}" if shown else ""
