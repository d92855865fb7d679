"""Listens for the watchdog, an alert that always fires, and reports by itself when it is silent.

Prometheus evaluates it and Alertmanager delivers it every few seconds: when it
does not come, one of the two is dead or cut off, and no other alert would come
either. Nobody but this service can tell of that.
"""

import logging
from datetime import datetime, timedelta

from backend.observability.errors import ErrorReports
from console.control.services.clock import Clock
from console.control.storage import alerts
from console.control.storage.database import Database
from console.control.storage.tables import AlertRow

log = logging.getLogger(__name__)

WATCHDOG = "Watchdog"
SILENT = "WatchdogSilent"
FINGERPRINT = "watchdog-silent"
LABELS = {"alertname": SILENT, "severity": "page", "team": "platform"}
PLACES = {
    "runbook_url": f"alerts/runbooks/{SILENT}.md",
    "console_url": f"/alerts?alert={SILENT}",
    "dashboard_url": "/d/pharos-overview",
}
DESCRIPTION = (
    "Prometheus or Alertmanager is dead, or Alertmanager cannot reach the control service: no "
    "alert of this stack reaches anybody until that is mended."
)


class WatchdogSilentError(Exception):
    """Nothing was heard of the watchdog for longer than the limit."""


class Watchdog:
    """Remembers when it was last heard since this service's start.

    It may be silent for `limit`, and for `grace` after this service's own start.
    """

    def __init__(
        self,
        database: Database,
        errors: ErrorReports,
        clock: Clock,
        limit: timedelta,
        grace: timedelta,
    ) -> None:
        self._database = database
        self._errors = errors
        self._clock = clock
        self._limit, self._grace = limit, grace
        self._started = clock()
        self._heard: datetime | None = None

    def heard(self) -> None:
        self._heard = self._clock()

    def age(self) -> float:
        """Return seconds since it was heard; since this service's start, if it never was."""
        return (self._clock() - (self._heard or self._started)).total_seconds()

    def follow(self) -> None:
        """Tell of its silence once, and of its end once; meant to be called often."""
        with self._database.read() as session:
            told = alerts.firing(session, FINGERPRINT)
        if told is None and self._is_silent():
            self._tell()
        elif told is not None and self._heard is not None and not self._is_silent():
            self._close(self._heard)

    def _is_silent(self) -> bool:
        limit = self._limit if self._heard else self._grace
        return self.age() > limit.total_seconds()

    def _tell(self) -> None:
        since = self._heard or self._started
        words = f"The watchdog has been silent for {self.age():.0f} s"
        with self._database.write() as session:
            session.merge(_row(since, words, self._clock()))
        self._errors.capture(WatchdogSilentError(words), f"{words}. {DESCRIPTION}")

    def _close(self, at: datetime) -> None:
        with self._database.write() as session:
            row = alerts.firing(session, FINGERPRINT)
            if row is not None:
                row.status, row.ends_at = "resolved", at
        log.warning("The watchdog is heard again: alerts are delivered")


def _row(since: datetime, summary: str, now: datetime) -> AlertRow:
    texts = {"summary": summary, "description": DESCRIPTION, **PLACES}
    return AlertRow(
        fingerprint=FINGERPRINT,
        starts_at=since,
        name=SILENT,
        severity=LABELS["severity"],
        status="firing",
        summary=summary,
        description=DESCRIPTION,
        runbook_url=PLACES["runbook_url"],
        console_url=PLACES["console_url"],
        dashboard_url=PLACES["dashboard_url"],
        labels=LABELS,
        annotations=texts,
        received_at=now,
    )
