"""Takes what Alertmanager delivers, and tells what fires."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlmodel import Session

from backend.observability.catalogue import ALERTS_RECEIVED
from backend.observability.metrics import Instruments
from console.control.services.clock import Clock
from console.control.storage import alerts
from console.control.storage.database import Database
from console.control.storage.tables import AlertRow
from console.schemas import Alert

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


class Notification(BaseModel):
    model_config = ConfigDict(extra="ignore")

    alerts: list[Notified]


class Alerts:
    def __init__(self, database: Database, instruments: Instruments, clock: Clock) -> None:
        self._database = database
        self._received = instruments.counter(ALERTS_RECEIVED)
        self._clock = clock

    def take(self, notification: Notification) -> None:
        """Store each alert as it is now; deliveries may repeat and overtake each other."""
        with self._database.write() as session:
            for notified in notification.alerts:
                self._store(session, notified)
        for notified in notification.alerts:
            self._received.labels(status=notified.status).inc()

    def newest(self, status: Status | None, limit: int) -> list[Alert]:
        with self._database.read() as session:
            rows = alerts.newest(session, status, limit)
        return [Alert.model_validate(row, from_attributes=True) for row in rows]

    def _store(self, session: Session, notified: Notified) -> None:
        now = self._clock()
        known = alerts.find(session, notified.fingerprint, notified.starts_at)
        if known is not None and known.status == "resolved":
            return  # a late repeat: what has ended cannot begin again at the same time
        session.merge(_row(notified, now))
        # A newer firing proves the end of one whose own end was never delivered.
        for earlier in alerts.firing_before(session, notified.fingerprint, notified.starts_at):
            earlier.status, earlier.ends_at = "resolved", notified.starts_at


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
        ends_at=notified.ends_at if resolved else None,
        received_at=now,
    )
