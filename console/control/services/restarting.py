"""Rolling restarts: one replica after the other, out of the gateway while it is restarted.

How far one is lives in this process alone, and each drain is under a lease at the node
agent. So a service that dies leaves nothing drained, and the next one says that it was
interrupted; what is left to do is what still runs as the process that was to go.
"""

import logging
import threading
from datetime import timedelta

from console.control.errors import NotFoundError, RefusedError
from console.control.services.actions import Actions, Ending, deed_of, role_of, translated
from console.control.services.audit_log import Deed, State
from console.control.services.headroom import ROLE, HeadroomCheck, require
from console.control.services.records import Records
from console.control.services.rolling import Rolling, Step
from console.control.storage.tables import ActionRow
from console.headroom_schemas import Headroom
from console.replica_schemas import RestartRequest
from console.schemas import Action
from deploy.driver import (
    Driver,
    DriverError,
    Note,
    Replica,
)

log = logging.getLogger(__name__)

KIND, ABORT = "restart", "restart-abort"
NOTHING_LOST = "it answers no requests, so none are lost by it"
# Renewed with every look: long enough for a busy machine, short enough for a dead service.
LEASE_SECONDS = 15.0


class Restarting:
    """At most one restart of a role goes on at a time."""

    def __init__(  # noqa: PLR0913, PLR0917  what it is wired from
        self,
        records: Records,
        actions: Actions,
        driver: Driver,
        headroom: HeadroomCheck,
        drain_limit: timedelta,
        return_limit: timedelta,
    ) -> None:
        self._audit = records.audit
        self._clock = records.clock
        self._actions = actions
        self._driver = driver
        self._headroom = headroom
        self._limits = (drain_limit, return_limit)
        self._under_way: dict[str, Rolling] = {}
        self._lock = threading.Lock()

    def headroom(self, target: str) -> Headroom:
        """Return whether the others would carry the load while one of the target's is away.

        Raises:
            NotFoundError: there is no such role or replica, or none of it serves.
            UnavailableError: the driver cannot be reached.
        """
        answer = self._weighed(target, self._seen(target))
        if answer is None:
            raise NotFoundError(f"{target}: {NOTHING_LOST}")
        return answer

    def start(self, actor: str, wanted: RestartRequest) -> Action:
        """Restart a role's replicas, or one replica; the action tells how it goes on.

        Raises:
            NotFoundError: there is no such role or replica.
            RefusedError: something goes on with it already, one fewer would not carry the
                load, or the one replica was put aside by somebody.
            UnavailableError: the driver cannot be reached; nothing was changed.
        """
        with self._audit.guarding(Deed(actor, KIND, wanted.target, wanted.reason)):
            self._actions.require_free(KIND, wanted.target)
            replicas = self._seen(wanted.target)
            plan = _plan(wanted.target, replicas)
            headroom = self._weighed(wanted.target, replicas)
            words = require(headroom, anyway=wanted.anyway) if headroom else NOTHING_LOST
            row = self._actions.begun(KIND, wanted.target, actor, wanted.reason, len(plan))
            row.plan = plan
            self._begin(row, replicas, words)
        return self._actions.find(row.id)

    def resume(self, actor: str, action_id: str, reason: str) -> Action:
        """Go on with what a stopped restart left: replicas that still run as they did then.

        Raises:
            NotFoundError: there is no such action.
            RefusedError: it was no restart, or goes on, or nothing is left of it.
        """
        before = self._restart(Deed(actor, KIND, action_id, reason))
        with self._audit.guarding(Deed(actor, KIND, before.target, reason)):
            if before.state == "running":
                raise RefusedError("It goes on already.")
            replicas = self._seen(role_of(before.target))
            left = _left_of(before.plan or {}, replicas)
            if not left:
                raise RefusedError("Nothing is left of it: all run as other processes, and serve.")
            row = self._actions.begun(KIND, before.target, actor, reason, len(left))
            row.plan = left
            self._begin(row, replicas, f"what is left of {action_id}")
        return self._actions.find(row.id)

    def abort(self, actor: str, action_id: str, reason: str) -> Action:
        """Stop a restart where it is; the replica that it was at is put back.

        Raises:
            NotFoundError: there is no such action.
            RefusedError: it was no restart, or does not go on.
        """
        row = self._restart(Deed(actor, ABORT, action_id, reason))
        with self._lock, self._audit.guarding(Deed(actor, ABORT, row.target, reason)):
            rolling = self._under_way.pop(action_id, None)
            if rolling is None:
                raise RefusedError(f"It does not go on: {row.progress}")
            self._let_back(rolling.current)
            words = f"aborted by {actor} ({reason}); {rolling.told()}"
            self._audit.record(Deed(actor, ABORT, row.target, reason), "done", words)
            self._end(row, rolling, "aborted", words)
        return self._actions.find(action_id)

    def interrupted(self) -> None:
        """Close what ran when the service stopped; call it once, before the first `follow`."""
        for row in self._actions.running(KIND):
            for name in row.plan or {}:
                self._let_back(name)
            words = f"the control service ended in the middle of it: {row.progress}"
            self._actions.close(row, "interrupted", words)

    def follow(self) -> None:
        """Look once at every restart under way, and take its next step."""
        with self._lock:
            for row in self._actions.running(KIND):
                if (rolling := self._under_way.get(row.id)) is not None:
                    self._follow(row, rolling)

    def _begin(self, row: ActionRow, replicas: list[Replica], words: str) -> None:
        plan = dict(row.plan or {})
        wanted = [each for each in replicas if not _put_aside_by_somebody(each)]
        drains = role_of(row.target) == ROLE
        with self._lock:
            self._actions.admit(row, deed_of(row).changing({**plan}, None), words)
            rolling = Rolling(plan, len(wanted), drains, *self._limits, self._clock())
            self._under_way[row.id] = rolling

    def _follow(self, row: ActionRow, rolling: Rolling) -> None:
        try:
            step = rolling.next_step(self._replicas(role_of(row.target)), self._clock())
            self._take(row, rolling, step)
        except DriverError as error:
            late = self._clock() - rolling.since > sum(self._limits, timedelta())
            step = rolling.stopped(str(error)) if late else Step("wait", f"waiting: {error}")
        row.ready = len(rolling.done)
        if step.do in {"finish", "stop"}:
            self._under_way.pop(row.id)
            self._let_back(rolling.current)
            self._end(row, rolling, "done" if step.do == "finish" else "failed", step.words)
        else:
            self._actions.update(row, progress=step.words, ready=row.ready)

    def _take(self, row: ActionRow, rolling: Rolling, step: Step) -> None:
        match step.do:
            case "drain":
                note = Note(by=row.actor, reason=f"restart: {row.reason}")
                self._driver.drain(step.replica, note, LEASE_SECONDS)
            case "restart":
                self._driver.restart(step.replica, step.pid)
                rolling.restarts(self._clock())
            case "put-back":
                self._driver.release(step.replica)

    def _let_back(self, name: str) -> None:
        """Release a replica that a restart drained; who was put aside by somebody stays so."""
        try:
            replica = next((r for r in self._driver.status().replicas if r.id == name), None)
            if replica and replica.aside and not _put_aside_by_somebody(replica):
                self._driver.release(name)
        except DriverError as error:
            log.warning("%s is let back by the end of its lease: %s", name, error)

    def _end(self, row: ActionRow, rolling: Rolling, state: Ending, words: str) -> None:
        try:
            now = {each.id: each.pid for each in self._replicas(role_of(row.target))}
        except DriverError as error:
            log.warning("What runs after the restart of %s is not known: %s", row.target, error)
            now = {}
        after: State = {name: now.get(name) for name in rolling.plan}
        deed = deed_of(row).changing({**rolling.plan}, after)
        self._actions.close(row, state, words, deed)

    def _restart(self, deed: Deed) -> ActionRow:
        """Return the restart that a deed names; what it is of is known only then."""
        with self._audit.guarding(deed):
            row = self._actions.row(deed.target)
            if row.kind != KIND:
                words = "only those can be aborted and resumed"
                raise RefusedError(
                    f"{row.id} is no restart but a {row.kind} of {row.target}: {words}."
                )
        return row

    def _replicas(self, role: str) -> list[Replica]:
        return [each for each in self._driver.status().replicas if each.role == role]

    def _seen(self, target: str) -> list[Replica]:
        """Return the replicas of a target's role; raises as `start` does."""
        try:
            replicas = self._replicas(role_of(target))
        except DriverError as error:
            raise translated(error) from error
        if not replicas or target not in {role_of(target), *(each.id for each in replicas)}:
            raise NotFoundError(f"There is no role or replica {target}.")
        return replicas

    def _weighed(self, target: str, replicas: list[Replica]) -> Headroom | None:
        """Return what one replica less would mean; null where none of them answers requests."""
        hit = [each.id for each in replicas if target in {each.role, each.id} and each.serves]
        if role_of(target) != ROLE or not hit:
            return None
        return self._headroom.among(replicas, hit[:1])


def _put_aside_by_somebody(replica: Replica) -> bool:
    """Tell whether a person wants a replica aside: a restart's own drain has an end."""
    return replica.aside is not None and replica.aside.until is None


def _plan(target: str, replicas: list[Replica]) -> dict[str, int]:
    """Return the processes that are to go, 0 for none; those that do not serve come first."""
    hit = [each for each in replicas if target in {each.role, each.id}]
    for each in hit:
        if each.id == target and each.aside is not None:
            raise RefusedError(f"{target} is put aside by {each.aside.by}: put it back first.")
    ordered = sorted(hit, key=lambda each: each.ready)
    return {each.id: each.pid or 0 for each in ordered}


def _left_of(plan: dict[str, int], replicas: list[Replica]) -> dict[str, int]:
    """Return what still runs as it did then, or does not serve since."""
    hit = [r for r in replicas if r.id in plan and (r.pid == plan[r.id] or not r.ready)]
    return {each.id: each.pid or 0 for each in sorted(hit, key=lambda each: each.ready)}
