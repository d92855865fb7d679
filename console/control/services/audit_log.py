"""Writes who did what to which target, why, when, and how it ended; refusals and failures too."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import event
from sqlmodel import Session

from backend.observability.catalogue import CONTROL_ACTION_DURATION, CONTROL_ACTIONS
from backend.observability.metrics import Instruments
from console.control.errors import ControlError, NotAllowedError, RefusedError
from console.control.services.clock import Clock
from console.control.storage import audit
from console.control.storage.database import Database
from console.control.storage.heads import Head, Heads, HeadsError
from console.control.storage.tables import AuditRow
from console.schemas import AuditEntry, Outcome

log = logging.getLogger(__name__)

State = dict[str, str | int | bool | None]

ACTIONS = (
    "access-add",
    "access-remove",
    "access-role",
    "acknowledge",
    "acknowledge-withdraw",
    "deploy",
    "drain",
    "drill",
    "freeze-add",
    "freeze-remove",
    "game-day",
    "halt",
    "not-allowed",
    "quarantine",
    "rearm",
    "release",
    "restart",
    "restart-abort",
    "scale",
    "schedule-add",
    "schedule-missed",
    "schedule-remove",
    "sign-in",
    "sign-in-link",
    "sign-out",
    "silence",
    "silence-expire",
    "token-create",
    "token-refused",
    "token-revoke",
)


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody asks for; `ref` is the action or drill that came of it.

    `accepted_at` is when that was accepted, where it goes on for a while. `before` and
    `after` are the target's state, where it changes: see `changing`.
    """

    actor: str
    action: str
    target: str
    reason: str
    ref: str | None = None
    accepted_at: datetime | None = None
    before: State | None = None
    after: State | None = None

    def changing(self, before: State | None, after: State | None) -> "Deed":
        """Return this deed with what it changes; null where there is, or will be, nothing."""
        return replace(self, before=before, after=after)


class AuditLog:
    """Appends to the audit log, counts, and leaves a log line for each row."""

    def __init__(
        self, database: Database, heads: Heads, instruments: Instruments, clock: Clock
    ) -> None:
        self._database = database
        self._heads = heads
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
            before=deed.before,
            after=deed.after,
        )
        audit.append(session, row)
        event.listen(session, "after_commit", self._teller(deed, row), once=True)
        if outcome != "accepted":
            self._actions.labels(action=deed.action, outcome=outcome).inc()
            if deed.accepted_at is not None:
                seconds = (row.at - deed.accepted_at).total_seconds()
                self._duration.labels(action=deed.action).observe(seconds)

    def take_up(self) -> None:
        """Vouch for rows that nobody vouches for yet, and say so; call it once, at the start.

        They are those of a release without a chain, and the last one of a service
        that was killed while it wrote it.
        """
        with self._database.read() as session:
            last = audit.last(session)
        try:
            self._heads.end_last_line()
            known = max((head.id for head in self._heads.read()), default=0)
        except HeadsError as error:
            log.error("%s: see `pharos audit verify`", error)  # noqa: TRY400  no bug of ours
            return
        if last is None or last.id is None or last.id == known:
            return
        if last.id < known:
            log.error("The audit log lacks rows after %d: see `pharos audit verify`", last.id)
            return
        log.warning("Rows %d to %d of the audit log were found at the start", known + 1, last.id)
        self._keep(Head(last.id, last.hash, found_from=known + 1))

    def _teller(self, deed: Deed, row: AuditRow) -> Callable[[Session], None]:
        """Return what is done once a row is committed: the head is kept outside of the file."""
        head = Head(row.id or 0, row.hash)
        said = f"{deed.action} of {deed.target} by {deed.actor.replace(':', ' ')}"
        outcome, detail = row.outcome, row.detail

        def tell(_: Session) -> None:
            log.info("%s: %s: %s (audit row %s)", said, outcome, detail, head)
            self._keep(head)

        return tell

    def _keep(self, head: Head) -> None:
        try:
            self._heads.append(head)
        except OSError:  # the row stands, and the service goes on; the next start vouches for it
            log.exception("The head of audit row %s could not be written", head)

    def record(self, deed: Deed, outcome: Outcome, detail: str) -> None:
        """Append in a transaction of its own."""
        with self._database.write() as session:
            self.write(session, deed, outcome, detail)

    @contextmanager
    def guarding(self, deed: Deed) -> Iterator[None]:
        """Record a refusal or failure that leaves the block, and let it go on its way."""
        try:
            yield
        except (RefusedError, NotAllowedError) as error:
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
