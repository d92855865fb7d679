"""What was done and what happened, on one line of time: who, why, and beside what."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from console.control.errors import ControlError
from console.control.services import moments
from console.control.services.drills import Drills
from console.control.services.log_search import LogSearch
from console.control.services.records import Records
from console.control.storage import alerts, audit
from console.timeline_schemas import Moment, Timeline

MOST = 300
# What was changed so shortly before may still be the reason.
JUST_BEFORE = timedelta(seconds=60)
CHANGES = {"deploy", "scale"}
# These have a length, and are what else was the case.
CONDITIONS = {"drill", "game day", "fault", "alert", "scale", "errors"}


class TimelineOf:
    """Reads the audit log, the alerts, the drills' journals and the log lines."""

    def __init__(self, records: Records, drills: Drills, logs: LogSearch) -> None:
        self._records, self._drills, self._logs = records, drills, logs

    def last(self, hours: float) -> Timeline:
        """Return the moments of the last `hours`, newest first.

        Log lines that cannot be searched cost the error spikes, and a sentence.
        """
        until = self._records.clock()
        since = until - timedelta(hours=hours)
        troubles: list[str] = []
        found = sorted(
            [*self._recorded(since), *self._faults(since), *self._errors(since, until, troubles)],
            key=lambda moment: moment.at,
        )
        for moment in found:
            moment.beside = _beside(moment, found)
        return Timeline(
            since=since,
            until=until,
            moments=found[: -MOST - 1 : -1],
            more=len(found) > MOST,
            troubles=troubles,
        )

    def _recorded(self, since: datetime) -> list[Moment]:
        with self._records.database.read() as session:
            deeds = moments.of_audit(audit.since(session, since))
            return deeds + [moments.of_alert(row) for row in alerts.since(session, since)]

    def _faults(self, since: datetime) -> list[Moment]:
        found = map(moments.of_fault, self._drills.since(since))
        return [moment for moment in found if moment is not None]

    def _errors(self, since: datetime, until: datetime, troubles: list[str]) -> list[Moment]:
        try:
            return moments.of_errors(
                self._logs.histogram(
                    level="error", since=since.isoformat(), until=until.isoformat()
                )
            )
        except ControlError as error:
            troubles.append(f"Error spikes are not known: {error}")
            return []


def _beside(moment: Moment, all_: Sequence[Moment]) -> list[str]:
    others = (other for other in all_ if other is not moment and not _same(other, moment))
    return [other.name for other in others if _held(other, moment.at)]


def _same(one: Moment, other: Moment) -> bool:
    """Tell whether two are of the same run: a drill and its fault explain nothing to each other."""
    return one.ref is not None and one.ref == other.ref


def _held(other: Moment, at: datetime) -> bool:
    """Tell whether `other` went on at that time, or had been changed just before."""
    if other.kind in CHANGES and other.at <= at <= other.at + JUST_BEFORE:
        return True
    if other.kind not in CONDITIONS:
        return False
    ended = other.ended_at or other.at
    return other.at <= at and (other.ongoing or at < ended)
