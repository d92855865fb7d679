"""Puts a run together from what was asked for, its journal, its verdict and its process."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from console.control.drill_process import DrillProcesses, Process, last_words
from console.control.journals import Journal, read_journal, read_verdict
from console.control.services.clock import Clock
from console.control.services.undo_proof import Proof
from console.control.storage.tables import DrillRow
from console.schemas import Drill, DrillState, Outcome
from console.verdict_schemas import DrillVerdict

# How long a run may be without a known process and without a journal: its child was
# started a moment before the service died, and has not written its first line yet.
BIRTH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, for the audit log."""

    outcome: Outcome
    words: str


@dataclass(frozen=True, slots=True)
class DrillView:
    """Reads the folders under `drills`."""

    drills: Path
    processes: DrillProcesses
    clock: Clock

    def drill(self, row: DrillRow) -> Drill:
        """Return the run as it is now, with its journal."""
        # The process first: one that ends while its journal is read has not been interrupted.
        runs = row.settled_at is None and self._runs(row)
        folder = self.drills / row.run
        journal, verdict = read_journal(folder), read_verdict(folder)
        state = _state(journal, verdict, runs=runs)
        return Drill(
            run=row.run,
            experiment=row.experiment,
            actor=row.actor,
            reason=row.reason,
            profile=row.profile,
            state=state,
            started_at=row.started_at,
            ended_at=None if state == "running" else _ended_at(row, journal, verdict),
            verdict=verdict if state == "ended" else None,
            journal=journal.entries,
        )

    def interruption(self, drill: Drill, proof: Proof) -> Ending:
        """Say how a run without an end has ended, and what is left of it."""
        words = last_words(self.drills / drill.run)
        told = f"interrupted: {words}" if words else "interrupted"
        return Ending("failed", f"{told}; {proof.words}")

    def ending(self, drill: Drill) -> Ending:
        """Say how a run that told its end has ended; only a passed verdict is a success."""
        if drill.verdict is None:
            return Ending("failed", "ended without a verdict that can be read")
        outcome: Outcome = "done" if drill.verdict.verdict == "passed" else "failed"
        return Ending(outcome, f"{drill.verdict.verdict}: {drill.verdict.reason}")

    def _runs(self, row: DrillRow) -> bool:
        if row.pid is None or row.pid_started is None:
            return (self.clock() - row.started_at).total_seconds() < BIRTH_SECONDS
        return self.processes.runs(Process(row.pid, row.pid_started))


def _state(journal: Journal, verdict: DrillVerdict | None, *, runs: bool) -> DrillState:
    if journal.ended and (verdict is not None or not runs):
        return "ended"
    return "running" if runs else "interrupted"


def _ended_at(row: DrillRow, journal: Journal, verdict: DrillVerdict | None) -> datetime | None:
    return verdict.ended_at if verdict else journal.last_at or row.settled_at
