"""What is pending or fires now, put together from what was delivered and what the servers say.

What was delivered comes first and needs nobody; Prometheus adds values and what
is pending, Alertmanager what it holds back. Where one is away, that is said.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from console.alert_schemas import ActiveAlerts
from console.control.alertmanager import Alertmanager, Held
from console.control.errors import ControlError
from console.control.rule_alerts import RuleAlert, RuleAlerts
from console.control.services.alerts import Alerts
from console.control.services.clock import Clock
from console.control.services.watchdog import FINGERPRINT, WATCHDOG
from console.control.storage import alerts
from console.control.storage.database import Database
from console.control.storage.tables import AlertRow
from console.schemas import Alert

T = TypeVar("T")

MOST = 500
LOOK = timedelta(seconds=5)
# Longer than Alertmanager needs to learn every alert anew after a restart.
MISSING = timedelta(seconds=60)


class Active:
    """`follow` closes what ended without a word, and opens again what only seemed to have ended."""

    def __init__(
        self,
        database: Database,
        delivered: Alerts,
        rules: RuleAlerts,
        alertmanager: Alertmanager,
        clock: Clock,
    ) -> None:
        self._database = database
        self._delivered = delivered
        self._rules = rules
        self._alertmanager = alertmanager
        self._clock = clock
        self._looked: datetime | None = None
        self._missing: dict[str, datetime] = {}
        self._resumed: set[str] = set()

    def now(self) -> ActiveAlerts:
        """Return it with a sentence for each part that does not answer; never fails for one."""
        troubles: list[str] = []
        found = {alert.fingerprint: alert for alert in self._delivered.newest("firing", MOST)}
        for rule_alert in _asked(self._rules.now, troubles):
            _add(found, rule_alert)
        for held in _asked(self._alertmanager.held, troubles):
            if (alert := found.get(held.fingerprint)) is not None:
                alert.silenced_by = held.status.silenced_by
                alert.inhibited = bool(held.status.inhibited_by)
        return ActiveAlerts(alerts=sorted(found.values(), key=_urgency), troubles=troubles)

    def follow(self) -> None:
        """Hold what was delivered against what Alertmanager has, every few seconds.

        It does not tell the end of what is silenced or inhibited at that time: a firing that
        it has not known for a minute is closed. Where Prometheus stalls, it tells an end, and
        then the same firing again, which as a delivery cannot be told from a late repeat: one
        that it has at two looks in a row goes on.
        """
        now = self._clock()
        if self._looked is not None and now - self._looked < LOOK:
            return
        self._looked = now
        try:
            held = self._alertmanager.held()
        except ControlError:
            self._missing.clear()  # nothing is known, so nothing is missing
            self._resumed.clear()
            return
        self._close_missing({each.fingerprint for each in held}, now)
        self._open_resumed(held)

    def _close_missing(self, held: set[str], now: datetime) -> None:
        firing = {alert.fingerprint for alert in self._delivered.newest("firing", MOST)}
        gone = firing - held - {FINGERPRINT}
        self._missing = {each: self._missing.get(each, now) for each in gone}
        for fingerprint, since in self._missing.items():
            if now - since >= MISSING:
                self._close(fingerprint, since)

    def _close(self, fingerprint: str, at: datetime) -> None:
        with self._database.write() as session:
            row = alerts.firing(session, fingerprint)
            if row is not None:
                row.status, row.ends_at = "resolved", at

    def _open_resumed(self, held: list[Held]) -> None:
        before, self._resumed = self._resumed, set()
        with self._database.write() as session:
            for each in held:
                row = alerts.latest(session, each.fingerprint)
                if row is None or row.status != "resolved" or not _same_start(row, each):
                    continue
                if each.fingerprint in before:
                    row.status, row.ends_at = "firing", None
                else:
                    self._resumed.add(each.fingerprint)


def _same_start(row: AlertRow, held: Held) -> bool:
    return timedelta(0) <= row.starts_at - held.starts_at < timedelta(milliseconds=1)


def _asked(question: Callable[[], list[T]], troubles: list[str]) -> list[T]:
    try:
        return question()
    except ControlError as error:
        troubles.append(str(error))
        return []


def _add(found: dict[str, Alert], rule_alert: RuleAlert) -> None:
    if rule_alert.name == WATCHDOG:
        return
    fresh = rule_alert.alert()
    known = found.setdefault(fresh.fingerprint, fresh)
    known.value = fresh.value
    known.summary, known.description = fresh.summary, fresh.description


def _urgency(alert: Alert) -> tuple[bool, int, str, str]:
    ranks = {"page": 0, "ticket": 1}
    rank = ranks.get(alert.severity, 2)
    return alert.status == "pending", rank, alert.name, alert.fingerprint
