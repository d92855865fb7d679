"""Changes that take a while: each is a row on disk before it is asked for, and ends once."""

import logging
import secrets
from collections.abc import Callable
from typing import Literal

from sqlalchemy.exc import IntegrityError

from console.control.errors import FailedError, NotFoundError, RefusedError, UnavailableError
from console.control.services.audit_log import Deed
from console.control.services.records import Records
from console.control.storage import actions
from console.control.storage.tables import ActionRow
from console.schemas import Action, Outcome
from deploy.driver import (
    AlreadyAsideError,
    CountOutOfBoundsError,
    DriverError,
    DriverUnavailableError,
    LastReplicaError,
    StaleTargetError,
    UnansweredError,
    UnknownTargetError,
)

log = logging.getLogger(__name__)

Ending = Literal["done", "failed", "interrupted", "aborted"]

DOING = {"scale": "scaled", "restart": "restarted", "drain": "drained"}
# These are of all replicas of a role: nothing else may go on with one of them.
ROLE_WIDE = {"scale", "restart"}
REFUSALS = (CountOutOfBoundsError, LastReplicaError, AlreadyAsideError, StaleTargetError)


class Actions:
    """The rows of all kinds of actions, and what the audit log has of them."""

    def __init__(self, records: Records) -> None:
        self._database = records.database
        self._audit = records.audit
        self._annotations = records.annotations
        self._clock = records.clock

    def begun(self, kind: str, target: str, actor: str, reason: str, wanted: int) -> ActionRow:
        """Return a row that is on no disk yet."""
        return ActionRow(
            id=secrets.token_hex(6),
            kind=kind,
            target=target,
            wanted=wanted,
            state="running",
            progress="asked for",
            ready=0,
            actor=actor,
            reason=reason,
            started_at=self._clock(),
        )

    def admit(self, row: ActionRow, deed: Deed, detail: str) -> None:
        """Write it down as accepted.

        Raises:
            RefusedError: something else goes on with the target.
        """
        try:
            with self._database.write() as session:
                for other in actions.running(session):
                    if _in_each_others_way(row, other):
                        raise RefusedError(_busy(other))
                session.add(row)
                self._audit.write(session, deed, "accepted", detail)
        except IntegrityError as error:  # the index that lets one of a kind and target run
            raise RefusedError(_busy(row)) from error

    def find(self, action_id: str) -> Action:
        """Return one action; raises NotFoundError."""
        return Action.model_validate(self.row(action_id), from_attributes=True)

    def row(self, action_id: str) -> ActionRow:
        """Return one action's row; raises NotFoundError."""
        with self._database.read() as session:
            row = actions.find(session, action_id)
        if row is None:
            raise NotFoundError(f"There is no action {action_id}.")
        return row

    def newest(self, limit: int) -> list[Action]:
        with self._database.read() as session:
            rows = actions.newest(session, limit)
        return [Action.model_validate(row, from_attributes=True) for row in rows]

    def running(self, kind: str) -> list[ActionRow]:
        with self._database.read() as session:
            return [row for row in actions.running(session) if row.kind == kind]

    def ask(self, row: ActionRow, question: Callable[[], None]) -> None:
        """Ask the driver for what was admitted; what it does not take ends as failed.

        Where it gave no answer, what is seen to happen decides, as ever.

        Raises:
            ControlError: what the driver said, translated.
        """
        try:
            question()
        except UnansweredError as error:
            log.warning("The %s of %s is followed all the same: %s", row.kind, row.target, error)
        except DriverError as error:
            self.close(row, "failed", f"not taken: {error}")
            raise translated(error) from error
        except BaseException as error:
            self.close(row, "failed", f"not taken: {type(error).__name__}")
            raise
        self.update(row, asked=True)

    def under_way(self, kind: str) -> list[ActionRow]:
        """Return what the driver was asked for: before that, nothing can be seen of it."""
        return [row for row in self.running(kind) if row.asked]

    def take_up(self, kind: str) -> None:
        """Let what ran when the service stopped be followed; nobody asks for it any more."""
        for row in self.running(kind):
            self.update(row, asked=True)

    def busy(self, kind: str, target: str) -> str | None:
        """Return why such an action could not begin now; null when it could."""
        asked = self.begun(kind, target, "", "", 0)
        with self._database.read() as session:
            others = actions.running(session)
        return next((_busy(each) for each in others if _in_each_others_way(asked, each)), None)

    def require_free(self, kind: str, target: str) -> None:
        """Refuse at once, before anything else is asked: `admit` decides, where no race passes.

        Raises:
            RefusedError: something else goes on with the target.
        """
        if busy := self.busy(kind, target):
            raise RefusedError(busy)

    def update(self, row: ActionRow, **changes: object) -> None:
        with self._database.write() as session:
            for name, value in changes.items():
                setattr(session.get_one(ActionRow, row.id), name, value)

    def close(self, row: ActionRow, state: Ending, words: str, deed: Deed | None = None) -> None:
        """End it, in the audit log as in the row; whoever aborts it gets what he wants."""
        ended = self._clock()
        outcome: Outcome = "done" if state in {"done", "aborted"} else "failed"
        with self._database.write() as session:
            stored = session.get_one(ActionRow, row.id)
            stored.state, stored.progress, stored.ready = state, words, row.ready
            stored.ended_at = ended
            self._audit.write(session, deed or deed_of(row), outcome, words)
        text = f"{row.kind} {row.target} to {row.wanted}: {words} ({row.actor}: {row.reason})"
        self._annotations.draw("scale", text, row.started_at, ended)


def deed_of(row: ActionRow) -> Deed:
    return Deed(row.actor, row.kind, row.target, row.reason, row.id, row.started_at)


def translated(error: DriverError) -> Exception:
    """Return what the control service calls an error of the driver."""
    if isinstance(error, UnknownTargetError):
        return NotFoundError(str(error))
    if isinstance(error, DriverUnavailableError):
        return UnavailableError(str(error))
    if isinstance(error, REFUSALS):
        return RefusedError(str(error))
    return FailedError(str(error))


def role_of(target: str) -> str:
    """Return the role of a role or of a replica, by its name."""
    return target.partition("-")[0]


def _in_each_others_way(one: ActionRow, other: ActionRow) -> bool:
    if one.target == other.target:
        return True
    return other.kind in ROLE_WIDE and role_of(one.target) == role_of(other.target)


def _busy(row: ActionRow) -> str:
    return f"{row.target} is being {DOING[row.kind]} already: wait until that is done."
