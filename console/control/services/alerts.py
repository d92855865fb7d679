"""Takes what Alertmanager delivers, and tells what fires."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlmodel import Session

from backend.observability.catalogue import ALERTS_RECEIVED
from backend.observability.metrics import Instruments
from console.control.services.clock import Clock
from console.control.services.watchdog import WATCHDOG, Watchdog
from console.control.storage import alerts
from console.control.storage.database import Database
from console.control.storage.tables import AcknowledgementRow, AlertRow
from console.schemas import Acknowledgement, Alert

Status = Literal["firing", "resolved"]


class Notified(BaseModel):
    """One alert of a notification. Format: Alertmanager's webhook, version 4."""

    model_config = ConfigDict(extra="ignore")

    status: Status
    fingerprint: str = Field(min_length=1)
    labels: dict[str, str]
    annotations: dict[str, str] = Field(default_factory=dict)
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime = Field(alias="endsAt")

    @property
    def is_watchdog(self) -> bool:
        return self.labels.get("alertname") == WATCHDOG


class Notification(BaseModel):
    model_config = ConfigDict(extra="ignore")

    alerts: list[Notified]


class Alerts:
    """`running` names the drills that run now: what begins meanwhile is marked as theirs."""

    def __init__(
        self,
        database: Database,
        instruments: Instruments,
        clock: Clock,
        watchdog: Watchdog,
        running: Callable[[], list[str]],
    ) -> None:
        self._database = database
        self._received = instruments.counter(ALERTS_RECEIVED)
        self._clock = clock
        self._watchdog = watchdog
        self._running = running

    def take(self, notification: Notification) -> None:
        """Store each alert as it is now; deliveries may repeat and overtake each other.

        The watchdog is no alert: that it comes is all that it says.
        """
        if any(each.is_watchdog and each.status == "firing" for each in notification.alerts):
            self._watchdog.heard()
        told = [each for each in notification.alerts if not each.is_watchdog]
        drill = next(iter(self._running()), None) if told else None
        with self._database.write() as session:
            for notified in told:
                self._store(session, notified, drill)
        for notified in notification.alerts:
            self._received.labels(status=notified.status).inc()

    def newest(self, status: Status | None, limit: int) -> list[Alert]:
        now = self._clock()
        with self._database.read() as session:
            rows = alerts.newest(session, status, limit)
            said = alerts.acknowledgements(session, now)
        known = {(row.fingerprint, row.starts_at): row for row in said}
        return [_alert(row, known.get((row.fingerprint, row.starts_at))) for row in rows]

    def _store(self, session: Session, notified: Notified, drill: str | None) -> None:
        known = alerts.find(session, notified.fingerprint, notified.starts_at)
        if known is not None and known.status == "resolved":
            return  # a late repeat; one that does go on is opened again by `Active.follow`
        row = _row(notified, self._clock())
        row.drill = row.drill or (known.drill if known is not None else drill)
        session.merge(row)
        # A newer firing proves the end of one whose own end was never delivered.
        for earlier in alerts.firing_before(session, notified.fingerprint, notified.starts_at):
            earlier.status, earlier.ends_at = "resolved", notified.starts_at


def _alert(row: AlertRow, said: AcknowledgementRow | None) -> Alert:
    alert = Alert.model_validate(row, from_attributes=True)
    if said is not None and row.status == "firing":
        alert.acknowledged = Acknowledgement.model_validate(said, from_attributes=True)
    return alert


def _row(notified: Notified, now: datetime) -> AlertRow:
    texts = notified.annotations
    resolved = notified.status == "resolved"
    return AlertRow(
        fingerprint=notified.fingerprint,
        starts_at=notified.starts_at,
        name=notified.labels.get("alertname", "unnamed"),
        severity=notified.labels.get("severity", "none"),
        status=notified.status,
        summary=texts.get("summary") or texts.get("description") or "",
        description=texts.get("description") or "",
        runbook_url=texts.get("runbook_url"),
        console_url=texts.get("console_url"),
        dashboard_url=texts.get("dashboard_url"),
        labels=notified.labels,
        annotations=texts,
        drill=notified.labels.get("drill"),
        ends_at=notified.ends_at if resolved else None,
        received_at=now,
    )
