"""Reads what a drill's runner writes down: `journal.jsonl` as it goes, `verdict.json` at its end.

The runner may be in the middle of a line, or may have died there: a last line
without its end is left for the next look.

Of a run whose runner is dead, the undo is added here, by who read it back.
"""

import json
import logging
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from console.schemas import JournalEntry
from console.verdict_schemas import DrillVerdict

log = logging.getLogger(__name__)

JOURNAL = "journal.jsonl"
VERDICT = "verdict.json"
STARTED = "run.started"
ENDED = "run.ended"
UNDO = "undo"
UNREADABLE = "unreadable"
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Journal:
    """The lines of one run that could be read, in their order."""

    entries: list[JournalEntry] = field(default_factory=list)

    @property
    def first(self) -> JournalEntry | None:
        return self.entries[0] if self.entries and self.entries[0].kind == STARTED else None

    @property
    def ended(self) -> bool:
        return bool(self.entries) and self.entries[-1].kind == ENDED

    @property
    def last_at(self) -> datetime | None:
        return self.entries[-1].at if self.entries else None


def read_journal(folder: Path) -> Journal:
    """Return the journal of a run's folder; empty when there is none yet."""
    try:
        text = (folder / JOURNAL).read_text(errors="replace")
    except FileNotFoundError:
        return Journal()
    entries: list[JournalEntry] = []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        entry = _parse(line)
        if entry is None and not line.endswith("\n"):
            break
        entries.append(entry or _unreadable(number, entries))
    return Journal(entries)


def add_undo(folder: Path, entry: JournalEntry) -> None:
    """Append to the journal of a runner that is dead, in place of a part of a line.

    A line that lacks only its end is one, for the readers too, and gets that.

    Raises:
        OSError: there is no journal, or the disk refuses.
    """
    line = entry.model_dump_json().encode() + b"\n"
    with (folder / JOURNAL).open("r+b") as file:
        whole, end, rest = file.read().rpartition(b"\n")
        if _parse(rest.decode(errors="replace")) is not None:
            file.write(b"\n")
        else:
            file.seek(len(whole + end))
            file.truncate()
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _parse(line: str) -> JournalEntry | None:
    try:
        return JournalEntry.model_validate(json.loads(line))
    except (ValueError, ValidationError):
        return None


def _unreadable(number: int, before: list[JournalEntry]) -> JournalEntry:
    """Stand in for a broken line, so that a reader of the journal sees that one is there."""
    at = before[-1].at if before else EPOCH
    return JournalEntry(at=at, kind=UNREADABLE, message=f"line {number} cannot be read")


def read_verdict(folder: Path) -> DrillVerdict | None:
    """Return the verdict of a run's folder; null when there is none that can be read."""
    try:
        text = (folder / VERDICT).read_text()
    except FileNotFoundError:
        return None
    try:
        return DrillVerdict.model_validate_json(text)
    except ValidationError as error:
        log.warning("the verdict of run %s cannot be read: %s", folder.name, error)
        return None
