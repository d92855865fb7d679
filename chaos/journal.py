"""The journal of a drill: one JSON object a line, on the disk before the drill goes on.

It is the only thing that the control service and the runner share, and what
is left when the runner is killed: a journal without `run.ended` whose process
is gone tells of an interrupted drill.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

from chaos.appending import append
from chaos.schemas import DrillVerdict, JournalEntry, Kind

JOURNAL = "journal.jsonl"
VERDICT = "verdict.json"


class JournalError(Exception):
    """The journal or the verdict cannot be written; the drill must not go on without it."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """Appends to `FOLDER/journal.jsonl`; each line is synced before `write` returns.

    Safe to share between threads: the watcher writes to it beside the drill.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime] = utc_now) -> None:
        """Begin the journal of a run.

        Raises:
            JournalError: the run has a journal already, or the disk refuses.
        """
        self._path = folder / JOURNAL
        self._clock = clock
        self._lock = Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._file = os.fdopen(os.open(self._path, flags, 0o600), "ab", buffering=0)
            _sync_folder(folder)
        except FileExistsError:
            raise JournalError(f"{folder.name} has a journal already: choose another run") from None
        except OSError as error:
            raise JournalError(f"cannot begin {self._path}: {error}") from error

    def write(self, kind: StrEnum, message: str, **fields: Any) -> JournalEntry:
        """Append one line and wait until the disk has it; returns what was written.

        Raises:
            JournalError: the line could not be written whole, and nothing of it was.
        """
        with self._lock:
            entry = JournalEntry(at=self._clock(), kind=kind, message=message, **fields)
            line = entry.model_dump_json().encode() + b"\n"
            try:
                append(self._file.fileno(), line)
            except (OSError, ValueError) as error:
                raise JournalError(f"cannot write {self._path}: {error}") from error
            return entry

    def close(self) -> None:
        self._file.close()


def read_journal(folder: Path) -> list[JournalEntry]:
    """Return what stands in a run's journal so far.

    A last line without its end is left out: it is being written, or its
    writer was killed in the middle of it.

    Raises:
        FileNotFoundError: the run has no journal.
        ValueError: a line is not a journal entry.
    """
    whole, _, _ = (folder / JOURNAL).read_bytes().rpartition(b"\n")
    return [JournalEntry.model_validate_json(line) for line in whole.split(b"\n") if line]


def has_ended(entries: list[JournalEntry]) -> bool:
    """Return whether the drill wrote its end."""
    return bool(entries) and entries[-1].kind == Kind.RUN_ENDED


def was_halted(entries: list[JournalEntry]) -> bool:
    """Return whether it was the halt switch that ended the drill."""
    aborts = [entry for entry in entries if entry.kind == Kind.ABORTED]
    return any(entry.fields.get("sort") == "halt" for entry in aborts)


def write_verdict(folder: Path, verdict: DrillVerdict) -> None:
    """Put `verdict.json` in place at once: a reader sees all of it or nothing.

    Raises:
        JournalError: the disk refuses.
    """
    path = folder / VERDICT
    try:
        write_atomically(path, verdict.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise JournalError(f"cannot write {path}: {error}") from error


def read_verdict(folder: Path) -> DrillVerdict | None:
    """Return a run's verdict; None while it has none."""
    try:
        return DrillVerdict.model_validate_json((folder / VERDICT).read_bytes())
    except FileNotFoundError:
        return None


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by a file that is on the disk already, mode 0600."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`; an empty one when it holds something else."""
    try:
        value = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
