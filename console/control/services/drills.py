"""Drills: guards, the child process, and what its journal says, before and after a restart."""

import logging
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime

from console.control.drill_process import DrillProcesses, Process
from console.control.errors import FailedError, NotFoundError
from console.control.journals import UNDO, add_undo
from console.control.services.actors import Actor, require
from console.control.services.audit_log import Deed
from console.control.services.drill_folders import DrillFolders
from console.control.services.drill_view import DrillView, Ending
from console.control.services.experiments import Experiments
from console.control.services.guards.guard import Asked
from console.control.services.guards.profiles import Guards
from console.control.services.records import Records
from console.control.services.undo_proof import Proof, UndoProof
from console.control.storage import drills
from console.control.storage.tables import DrillRow
from console.guard_schemas import GuardAnswers
from console.schemas import Drill, DrillRequest, GuardProfile, JournalEntry, Outcome
from deploy.home import Home

log = logging.getLogger(__name__)

KIND = "drill"


@dataclass(frozen=True, slots=True)
class DrillRoom:
    """What drills are run with: the catalogue, the runners' processes, and what is left of them."""

    experiments: Experiments
    processes: DrillProcesses
    undo: UndoProof


class Drills:
    """One drill at a time; each is a row on disk before its process is started."""

    def __init__(self, records: Records, home: Home, guards: Guards, room: DrillRoom) -> None:
        self._records = records
        self._home = home
        self._guards = guards
        self._experiments = room.experiments
        self._processes = room.processes
        self._undo = room.undo
        self._found = DrillFolders(home.drills, records.database)
        self._view = DrillView(home.drills, room.processes, records.clock)
        # Held while a drill is started and while drills are settled: never both at once.
        self._lock = threading.Lock()

    def start(self, actor: Actor, wanted: DrillRequest) -> Drill:
        """Start a run; its journal tells how it goes on.

        Raises:
            NotAllowedError: a game day's guards take an admin.
            NotFoundError: there is no such experiment.
            GuardsRefusedError: guards said no; it has the answer of each that did.
            FailedError: the child process could not be started.
        """
        deed = Deed(actor.name, KIND, wanted.experiment, wanted.reason)
        with self._records.audit.guarding(deed):
            if wanted.profile == "game-day":
                require(actor, "admin")
            experiment = self._experiments.find(wanted.experiment)
        with self._lock:
            with self._records.audit.guarding(deed):
                self._guards.require(Asked(experiment, wanted.profile, self.running()))
            now = self._records.clock()
            row = DrillRow(
                run=f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}",
                experiment=wanted.experiment,
                actor=actor.name,
                reason=wanted.reason,
                profile=wanted.profile,
                started_at=now,
            )
            self._insert(row, _started(wanted.profile))
            self._found.know(row.run)
            self._spawn(row)
        return self.find(row.run)

    def guards(self, experiment: str, profile: GuardProfile) -> GuardAnswers:
        """Return what each guard of the profile says now, and start nothing.

        Raises:
            NotFoundError: there is no such experiment.
        """
        known = self._experiments.find(experiment)
        return self._guards.ask(Asked(known, profile, self.running()))

    def find(self, run: str) -> Drill:
        """Return one run with its journal; raises NotFoundError."""
        with self._records.database.read() as session:
            row = drills.find(session, run)
        if row is None:
            raise NotFoundError(f"There is no drill {run}.")
        return self._view.drill(row)

    def newest(self, limit: int) -> list[Drill]:
        """Return the last runs, newest first, without their journals."""
        with self._records.database.read() as session:
            rows = drills.newest(session, limit)
        return [self._view.drill(row).model_copy(update={"journal": []}) for row in rows]

    def since(self, moment: datetime) -> list[Drill]:
        """Return the runs that were started from `moment` on, with their journals."""
        with self._records.database.read() as session:
            rows = drills.since(session, moment)
        return [self._view.drill(row) for row in rows]

    def begun_by(self, actor: str, moment: datetime) -> bool:
        """Tell whether `actor` has started a run from `moment` on."""
        with self._records.database.read() as session:
            return any(row.actor == actor for row in drills.since(session, moment))

    def running(self) -> list[str]:
        """Return the runs that have not ended; one cut short has once its undo is proven."""
        with self._records.database.read() as session:
            rows = drills.unsettled(session)
        return [row.run for row in rows if self._view.drill(row).state != "ended"]

    def follow(self) -> None:
        """Take up runs that others started, and write down how those that ended did."""
        with self._lock:
            self._adopt()
            with self._records.database.read() as session:
                rows = drills.unsettled(session)
            for row in rows:
                self._recognise(row)
                drill = self._view.drill(row)
                if drill.state == "ended":
                    self._settle(row, drill, self._view.ending(drill))
                elif drill.state == "interrupted":
                    self._prove(row, drill)

    def _insert(self, row: DrillRow, words: str) -> None:
        with self._records.database.write() as session:
            session.add(row)
            self._records.audit.write(session, _deed(row), "accepted", f"{words}: {row.run}")

    def _spawn(self, row: DrillRow) -> None:
        try:
            process = self._processes.start(
                self._home.drills / row.run,
                experiment=row.experiment,
                actor=row.actor,
                reason=row.reason,
                profile=row.profile,
            )
        except (OSError, ValueError) as error:
            self._close(row, "failed", f"not started: {error}")
            raise FailedError(f"The drill could not be started: {error}") from error
        self._remember(row, process)

    def _adopt(self) -> None:
        for row in self._found.strangers():
            self._insert(row, "started beside the control service")
            self._found.know(row.run)

    def _recognise(self, row: DrillRow) -> None:
        """Find the process of a run whose child was started a moment before this service died."""
        if row.pid is None and (process := self._found.process(row.run)) is not None:
            self._remember(row, process)

    def _remember(self, row: DrillRow, process: Process) -> None:
        row.pid, row.pid_started = process.pid, process.started
        with self._records.database.write() as session:
            stored = session.get_one(DrillRow, row.run)
            stored.pid, stored.pid_started = process.pid, process.started

    def _prove(self, row: DrillRow, drill: Drill) -> None:
        """Close a run that was cut short once it is known what is left of it."""
        proof = self._undo.of(row.run, drill.ended_at or row.started_at)
        if proof is not None:
            if drill.journal:
                self._tell(row.run, proof)
            self._settle(row, drill, self._view.interruption(drill, proof))

    def _tell(self, run: str, proof: Proof) -> None:
        fields = {"clean": proof.clean, "residue": list(proof.residue)}
        words = f"The runner is dead; {proof.words}"
        entry = JournalEntry(at=self._records.clock(), kind=UNDO, message=words, **fields)
        try:
            add_undo(self._home.drills / run, entry)
        except OSError as error:
            log.warning("the undo of run %s is not in its journal: %s", run, error)

    def _settle(self, row: DrillRow, drill: Drill, ending: Ending) -> None:
        self._close(row, ending.outcome, ending.words)
        text = f"{row.experiment}: {ending.words} ({row.actor}: {row.reason})"
        ended = drill.ended_at or self._records.clock()
        self._records.annotations.draw("chaos", text, row.started_at, ended)

    def _close(self, row: DrillRow, outcome: Outcome, words: str) -> None:
        with self._records.database.write() as session:
            session.get_one(DrillRow, row.run).settled_at = self._records.clock()
            self._records.audit.write(session, _deed(row), outcome, words)


def _started(profile: GuardProfile) -> str:
    return "started" if profile == "standard" else f"started under the {profile} guards"


def _deed(row: DrillRow) -> Deed:
    return Deed(row.actor, KIND, row.experiment, row.reason, row.run, row.started_at)
