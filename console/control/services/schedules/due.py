"""Starts the drills that schedules want now, and tells of those that were missed."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from console.control.errors import ControlError, UnavailableError
from console.control.services.audit_log import Deed
from console.control.services.drills import Drills
from console.control.services.experiments import Experiments
from console.control.services.records import Records
from console.control.services.schedules.choosing import eligible, turns
from console.control.services.schedules.rows import actor_of, reason_of, spec_of
from console.control.storage import schedules
from console.control.storage.tables import ScheduleRow
from console.schedule_schemas import Turn
from console.schemas import DrillRequest

log = logging.getLogger(__name__)

MISSED = "schedule-missed"
# What is later than this was missed: nobody expects it any more.
LATE = timedelta(minutes=2)


class DueTurns:
    """A turn is settled once its drill was asked for; one whose drill is there is not asked again.

    So a service that is killed in between neither starts a drill twice nor loses a turn: it is
    taken up after the restart, or told as missed.
    """

    def __init__(self, records: Records, experiments: Experiments, drills: Drills) -> None:
        self._records = records
        self._experiments = experiments
        self._drills = drills

    def follow(self) -> None:
        """Start what is due; tell what was missed. Meant to be called often."""
        now = self._records.clock()
        with self._records.database.read() as session:
            rows = schedules.all_(session)
        for row in rows:
            due = [turn for turn in self._turns_until(row, now) if turn.at <= now]
            missed = [turn for turn in due if now - turn.at > LATE]
            if missed:
                self._settle(row, missed[-1], missed)
            for turn in due[len(missed) :]:
                self._take(row, turn)

    def _turns_until(self, row: ScheduleRow, now: datetime) -> list[Turn]:
        since = row.settled_at or row.created_at
        if now <= since:
            return []
        found = []
        for turn in turns(spec_of(row), since, ()):
            if turn.at > now:
                break
            found.append(turn)
        return found

    def _take(self, row: ScheduleRow, turn: Turn) -> None:
        try:
            if not self._drills.begun_by(actor_of(row).name, turn.at):
                self._start(row, turn)
        except UnavailableError as error:
            log.warning("The schedule %s tries again: %s", row.name, error)
        else:
            self._settle(row, turn)

    def _settle(self, row: ScheduleRow, last: Turn, missed: Sequence[Turn] = ()) -> None:
        """Write down that nothing up to `last` is left to do, and what was `missed`."""
        with self._records.database.write() as session:
            stored = schedules.find(session, row.name)
            if stored is None:  # removed meanwhile
                return
            stored.settled_at = last.at
            if missed:
                self._records.audit.write(session, _missed(row), "refused", _words(missed))

    def _start(self, row: ScheduleRow, due: Turn) -> None:
        """Ask for the drill as anybody would; what refuses it is in the audit log by its own.

        Raises:
            UnavailableError: what may be chosen cannot be read now.
        """
        before = due.at - timedelta(microseconds=1)
        turn = next(turns(spec_of(row), before, self._among(row)))
        actor = actor_of(row)
        if turn.experiment is None:
            self._records.audit.record(_missed(row), "refused", "nothing may be chosen any more")
            return
        try:
            self._drills.start(
                actor, DrillRequest(experiment=turn.experiment, reason=reason_of(row))
            )
        except UnavailableError:
            raise
        except ControlError as error:
            log.warning("The schedule %s started nothing: %s", row.name, error)

    def _among(self, row: ScheduleRow) -> list[str]:
        return eligible(spec_of(row), self._experiments.all())


def _missed(row: ScheduleRow) -> Deed:
    return Deed(actor_of(row).name, MISSED, row.name, reason_of(row))


def _words(missed: Sequence[Turn]) -> str:
    times = "1 turn" if len(missed) == 1 else f"{len(missed)} turns"
    return f"{times} missed, the last at {missed[-1].at:%Y-%m-%d %H:%M} UTC: not made up for"
