"""Writes who did what to which target, why, when, and how it ended; refusals and failures too."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from backend.observability.catalogue import CONTROL_ACTION_DURATION, CONTROL_ACTIONS
from backend.observability.metrics import Instruments
from console.control.errors import ControlError, RefusedError
from console.control.services.clock import Clock
from console.control.storage import audit
from console.control.storage.database import Database
from console.control.storage.tables import AuditRow
from console.schemas import AuditEntry, Outcome

log = logging.getLogger(__name__)

ACTIONS = (
    "access-add",
    "access-remove",
    "access-role",
    "acknowledge",
    "acknowledge-withdraw",
    "drill",
    "halt",
    "not-allowed",
    "rearm",
    "scale",
    "sign-in",
    "sign-in-link",
    "sign-out",
    "silence",
    "silence-expire",
)


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody asks for; `ref` is the action or drill that came of it.

    `accepted_at` is when that was accepted, where it goes on for a while.
    """

    actor: str
    action: str
    target: str
    reason: str
    ref: str | None = None
    accepted_at: datetime | None = None


class AuditLog:
    """Appends to the audit log, counts, and leaves a log line for each row."""

    def __init__(self, database: Database, instruments: Instruments, clock: Clock) -> None:
        self._database = database
        self._actions = instruments.counter(CONTROL_ACTIONS)
        # There from the start, at 0: a counter whose first sample is 1 has not grown,
        # and the first failure after a start would not count.
        for action in ACTIONS:
            for outcome in ("done", "failed"):
                self._actions.labels(action=action, outcome=outcome)
        self._duration = instruments.histogram(CONTROL_ACTION_DURATION)
        self._clock = clock

    def write(self, session: Session, deed: Deed, outcome: Outcome, detail: str) -> None:
        """Append within the caller's transaction, so that the row stands or falls with it."""
        row = AuditRow(
            at=self._clock(),
            actor=deed.actor,
            action=deed.action,
            target=deed.target,
            reason=deed.reason,
            outcome=outcome,
            detail=detail,
            ref=deed.ref,
        )
        audit.append(session, row)
        if outcome != "accepted":
            self._actions.labels(action=deed.action, outcome=outcome).inc()
            if deed.accepted_at is not None:
                seconds = (row.at - deed.accepted_at).total_seconds()
                self._duration.labels(action=deed.action).observe(seconds)
        log.info("%s of %s by %s: %s: %s", deed.action, deed.target, deed.actor, outcome, detail)

    def record(self, deed: Deed, outcome: Outcome, detail: str) -> None:
        """Append in a transaction of its own."""
        with self._database.write() as session:
            self.write(session, deed, outcome, detail)

    @contextmanager
    def guarding(self, deed: Deed) -> Iterator[None]:
        """Record a refusal or failure that leaves the block, and let it go on its way."""
        try:
            yield
        except RefusedError as error:
            self.record(deed, "refused", str(error))
            raise
        except ControlError as error:
            self.record(deed, "failed", str(error))
            raise
        except Exception as error:
            self.record(deed, "failed", f"{type(error).__name__}: see the control service's log")
            raise

    def newest(self, limit: int, before: int | None) -> list[AuditEntry]:
        with self._database.read() as session:
            rows = audit.newest(session, limit, before)
        return [AuditEntry.model_validate(row, from_attributes=True) for row in rows]
