"""Finds runs on disk: those that somebody started beside this service, and their processes."""

import re
from datetime import datetime
from pathlib import Path
from typing import get_args

from console.control.drill_process import CLOCK_SLACK, Process, find_process
from console.control.journals import read_journal
from console.control.storage import drills
from console.control.storage.database import Database
from console.control.storage.tables import DrillRow
from console.schemas import GuardProfile

RUN = re.compile(r"\d{8}T\d{6}-[0-9a-z]+")
# Seconds that a runner may take from its start to the first line of its journal.
FIRST_LINE_SECONDS = 60.0


class DrillFolders:
    """`root` holds one folder a run, named by its id."""

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        with database.read() as session:
            self._known = drills.known(session)

    def know(self, run: str) -> None:
        self._known.add(run)

    def strangers(self) -> list[DrillRow]:
        """Return a row for each run that has begun its journal and is not known."""
        if not self._root.exists():
            return []
        names = (path.name for path in sorted(self._root.iterdir()) if path.is_dir())
        new = (name for name in names if RUN.fullmatch(name) and name not in self._known)
        return [row for name in new if (row := self._row(name)) is not None]

    def process(self, run: str) -> Process | None:
        """Return the process that the journal's first line names; null before that line."""
        first = read_journal(self._root / run).first
        pid = (first.model_extra or {}).get("pid") if first else None
        return _process(pid, first.at) if first and isinstance(pid, int) else None

    def _row(self, run: str) -> DrillRow | None:
        first = read_journal(self._root / run).first
        if first is None:
            return None
        said = first.model_extra or {}
        process = self.process(run)
        return DrillRow(
            run=run,
            experiment=str(said.get("experiment", "unknown")),
            actor=str(said.get("actor", "unknown")),
            reason=str(said.get("reason", "")),
            profile=_profile(said.get("profile")),
            started_at=first.at,
            pid=process.pid if process else None,
            pid_started=process.started if process else None,
        )


def _profile(said: object) -> GuardProfile:
    """Return the profile; a runner of a release that had none said nothing."""
    return next((known for known in get_args(GuardProfile) if known == said), "standard")


def _process(pid: int, first_line: datetime) -> Process:
    """Return the process as it is now, or, when another has its pid, as one that is gone."""
    wrote = first_line.timestamp()
    found = find_process(pid)
    if found and wrote - FIRST_LINE_SECONDS <= found.started <= wrote + CLOCK_SLACK:
        return found
    return Process(pid, wrote - 2 * FIRST_LINE_SECONDS)
