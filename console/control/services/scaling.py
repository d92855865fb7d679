"""Scaling: guards, the wish handed to the driver, and following it until it is true."""

import secrets
from datetime import timedelta
from typing import Literal

from sqlalchemy.exc import IntegrityError

from console.control.errors import FailedError, NotFoundError, RefusedError, UnavailableError
from console.control.services.audit_log import Deed
from console.control.services.headroom import ROLE, HeadroomCheck
from console.control.services.records import Records
from console.control.services.scale_plan import Situation, preview, weighed
from console.control.storage import actions
from console.control.storage.tables import ActionRow
from console.schemas import Action, ScalePreview, ScaleRequest
from deploy.driver import Driver, DriverError, DriverUnavailableError, Replica, UnknownTargetError

Ending = Literal["done", "failed"]

KIND = "scale"


class Scaling:
    """Every change is a row on disk before it is asked for, so that none is forgotten."""

    def __init__(
        self, records: Records, driver: Driver, headroom: HeadroomCheck, timeout: timedelta
    ) -> None:
        self._database = records.database
        self._audit = records.audit
        self._annotations = records.annotations
        self._clock = records.clock
        self._driver = driver
        self._headroom = headroom
        self._timeout = timeout

    def preview(self, role: str, count: int) -> ScalePreview:
        """Return what `start` would do; raises as it does, but for refusals."""
        with self._database.read() as session:
            busy = actions.running_on(session, role) is not None
        try:
            return self._planned(role, count, busy=busy)
        except DriverError as error:
            raise _translated(error) from error

    def start(self, actor: str, wanted: ScaleRequest) -> Action:
        """Ask for `wanted.count` replicas; the answer's action tells how it goes on.

        Raises:
            RefusedError: out of bounds, the role is being scaled already, or those that
                remain would not carry the load.
            NotFoundError: there is no such role.
            UnavailableError: the driver cannot be reached; nothing was changed.
        """
        row = ActionRow(
            id=secrets.token_hex(6),
            kind=KIND,
            target=wanted.role,
            wanted=wanted.count,
            state="running",
            progress="asked for",
            ready=0,
            actor=actor,
            reason=wanted.reason,
            started_at=self._clock(),
        )
        with self._audit.guarding(Deed(actor, KIND, wanted.role, wanted.reason)):
            self._admit(row, anyway=wanted.anyway)
        self._ask(row)
        return self.find(row.id)

    def find(self, action_id: str) -> Action:
        """Return one action; raises NotFoundError."""
        with self._database.read() as session:
            row = actions.find(session, action_id)
        if row is None:
            raise NotFoundError(f"There is no action {action_id}.")
        return Action.model_validate(row, from_attributes=True)

    def newest(self, limit: int) -> list[Action]:
        with self._database.read() as session:
            rows = actions.newest(session, limit)
        return [Action.model_validate(row, from_attributes=True) for row in rows]

    def resume(self) -> None:
        """Take up what ran when the service stopped; call it once, before the first `follow`.

        A wish that never reached the driver shows by the number that is held,
        and is closed by `follow` as not taken.
        """
        with self._database.write() as session:
            for row in actions.running(session):
                row.asked = True

    def follow(self) -> None:
        """Look once at every action under way, and close those that have ended."""
        with self._database.read() as session:
            rows = actions.running(session)
        for row in rows:
            if row.asked:
                self._follow(row)

    def _planned(self, role: str, count: int, *, busy: bool) -> ScalePreview:
        bounds, desired = self._driver.bounds(role), self._driver.desired(role)
        replicas = self._replicas(role)
        plan = preview(Situation(role, desired, bounds, replicas, busy), count)
        if role != ROLE or not plan.allowed:
            return plan
        return weighed(plan, self._headroom.among(replicas, plan.stops, len(plan.starts)))

    def _admit(self, row: ActionRow, *, anyway: bool) -> None:
        try:
            plan = self._planned(row.target, row.wanted, busy=False)
        except DriverError as error:
            raise _translated(error) from error
        if refusal := _refusal(plan, anyway=anyway):
            raise RefusedError(refusal)
        try:
            with self._database.write() as session:
                session.add(row)
                deed = _deed(row).changing({"replicas": plan.current}, {"replicas": row.wanted})
                self._audit.write(session, deed, "accepted", _accepted(plan))
        except IntegrityError as error:  # the index that lets one scaling of a role run at a time
            raise RefusedError(
                f"{row.target} is being scaled already: wait until that is done."
            ) from error

    def _ask(self, row: ActionRow) -> None:
        try:
            self._driver.scale(row.target, row.wanted)
        except DriverError as error:
            self._close(row, "failed", f"not taken: {error}")
            raise _translated(error) from error
        except BaseException as error:
            self._close(row, "failed", f"not taken: {type(error).__name__}")
            raise
        self._update(row, asked=True)

    def _follow(self, row: ActionRow) -> None:
        seconds = (self._clock() - row.started_at).total_seconds()
        late = seconds >= self._timeout.total_seconds()
        try:
            held, replicas = self._driver.desired(row.target), self._replicas(row.target)
        except DriverError as error:
            if late:
                self._close(row, "failed", f"not seen to be done after {seconds:.0f} s: {error}")
            else:
                self._update(row, progress=f"waiting: {error}")
            return
        row.ready = sum(replica.ready for replica in replicas)
        if held != row.wanted:
            self._close(row, "failed", f"not taken, or undone since: {held} are held now")
        elif row.ready == len(replicas) == row.wanted:
            self._close(row, "done", f"{row.ready} of {row.wanted} ready after {seconds:.1f} s")
        elif late:
            self._close(row, "failed", f"{_progress(row, replicas)} after {seconds:.0f} s")
        else:
            self._update(row, progress=_progress(row, replicas), ready=row.ready)

    def _replicas(self, role: str) -> list[Replica]:
        return [replica for replica in self._driver.status().replicas if replica.role == role]

    def _update(self, row: ActionRow, **changes: object) -> None:
        with self._database.write() as session:
            for name, value in changes.items():
                setattr(session.get_one(ActionRow, row.id), name, value)

    def _close(self, row: ActionRow, state: Ending, words: str) -> None:
        ended = self._clock()
        with self._database.write() as session:
            stored = session.get_one(ActionRow, row.id)
            stored.state, stored.progress, stored.ready = state, words, row.ready
            stored.ended_at = ended
            self._audit.write(session, _deed(row), state, words)
        text = f"{row.target} to {row.wanted}: {words} ({row.actor}: {row.reason})"
        self._annotations.draw("scale", text, row.started_at, ended)


def _deed(row: ActionRow) -> Deed:
    return Deed(row.actor, KIND, row.target, row.reason, row.id, row.started_at)


def _refusal(plan: ScalePreview, *, anyway: bool) -> str:
    """Return why it must not be done; empty where it may."""
    notes = " ".join(plan.notes)
    if plan.wanted != plan.current and not plan.allowed:
        return notes
    if plan.anyway and not anyway:
        return f"{notes} Keep {plan.current}, or ask for it once more with `anyway`."
    return ""


def _accepted(plan: ScalePreview) -> str:
    words = f"{plan.wanted} replicas" + (" anyway" if plan.anyway else "")
    return f"{words}: {plan.headroom.words}" if plan.stops and plan.headroom else words


def _progress(row: ActionRow, replicas: list[Replica]) -> str:
    if len(replicas) > row.wanted:
        return f"{len(replicas) - row.wanted} still stopping"
    return f"{row.ready} of {row.wanted} ready"


def _translated(error: DriverError) -> Exception:
    if isinstance(error, UnknownTargetError):
        return NotFoundError(str(error))
    if isinstance(error, DriverUnavailableError):
        return UnavailableError(str(error))
    return FailedError(str(error))
