"""Taking one replica out of the gateway, alive: to end what it has in hand, or to look at it."""

from datetime import timedelta

from console.control.errors import ControlError, NotFoundError, RefusedError
from console.control.services.actions import Actions, deed_of, translated
from console.control.services.audit_log import Deed, State
from console.control.services.headroom import ROLE, HeadroomCheck, require
from console.control.services.records import Records
from console.control.services.rolling import SETTLE
from console.control.storage.tables import ActionRow
from console.replica_schemas import AsideRequest
from console.schemas import Action
from deploy.driver import Driver, DriverError, Note, Replica

DRAIN = "drain"


class PuttingAside:
    """A drain is an action that ends when nothing is in flight; the rest is done at once."""

    def __init__(
        self,
        records: Records,
        actions: Actions,
        driver: Driver,
        headroom: HeadroomCheck,
        limit: timedelta,
    ) -> None:
        self._audit = records.audit
        self._clock = records.clock
        self._actions = actions
        self._driver = driver
        self._headroom = headroom
        self._limit = limit

    def drain(self, actor: str, replica_id: str, wanted: AsideRequest) -> Action:
        """Take a replica out of the gateway until it is released; the action ends once it is idle.

        Raises:
            NotFoundError: there is no such api replica.
            RefusedError: something goes on with it, it is put aside already, or the others
                would not carry the load.
            UnavailableError: the driver cannot be reached; nothing was changed.
        """
        with self._audit.guarding(Deed(actor, DRAIN, replica_id, wanted.reason)):
            self._actions.require_free(DRAIN, replica_id)
            replica, words = self._weighed(replica_id, wanted)
            row = self._actions.begun(DRAIN, replica_id, actor, wanted.reason, 1)
            deed = deed_of(row).changing(_state(replica), {"aside": DRAIN})
            self._actions.admit(row, deed, words)
        note = Note(by=actor, reason=wanted.reason)
        self._actions.ask(row, lambda: self._driver.drain(replica_id, note))
        return self._actions.find(row.id)

    def quarantine(self, actor: str, replica_id: str, wanted: AsideRequest) -> None:
        """Take a replica out of the gateway at once, to look at it; raises as `drain` does."""
        deed = Deed(actor, "quarantine", replica_id, wanted.reason)
        with self._audit.guarding(deed):
            replica, words = self._weighed(replica_id, wanted)
            try:
                self._driver.quarantine(replica_id, Note(by=actor, reason=wanted.reason))
            except DriverError as error:
                raise translated(error) from error
            changed = deed.changing(_state(replica), {"aside": "quarantine"})
            self._audit.record(changed, "done", words)

    def release(self, actor: str, replica_id: str, reason: str) -> None:
        """Let a replica back into the gateway.

        Raises:
            NotFoundError: there is no such api replica.
            RefusedError: it is not put aside.
            UnavailableError: the driver cannot be reached; nothing was changed.
        """
        deed = Deed(actor, "release", replica_id, reason)
        with self._audit.guarding(deed):
            replica = self._find(replica_id, self._replicas())
            if replica.aside is None:
                raise RefusedError(f"{replica_id} is not put aside: there is nothing to put back.")
            try:
                self._driver.release(replica_id)
            except DriverError as error:
                raise translated(error) from error
            words = f"{replica.aside.kind} by {replica.aside.by} ({replica.aside.reason}) ended"
            self._audit.record(deed.changing(_state(replica), {"aside": None}), "done", words)

    def resume(self) -> None:
        """Take up what ran when the service stopped; call it once, before the first `follow`."""
        self._actions.take_up(DRAIN)

    def follow(self) -> None:
        """Look once at every drain under way, and close those that have ended."""
        for row in self._actions.under_way(DRAIN):
            self._follow(row)

    def _follow(self, row: ActionRow) -> None:
        spent = self._clock() - row.started_at
        late = spent > self._limit
        try:
            aside = self._find(row.target, self._replicas()).aside
        except ControlError as error:
            if late or isinstance(error, NotFoundError):
                self._actions.close(row, "failed", str(error))
            else:
                self._actions.update(row, progress=f"waiting: {error}")
            return
        if aside is None or aside.kind != DRAIN:
            back = "never taken, or put back meanwhile"
            words = back if aside is None else f"quarantined by {aside.by} meanwhile"
            self._actions.close(row, "failed", words)
            return
        left = "some" if aside.in_flight is None else aside.in_flight
        if aside.in_flight == 0 and spent >= SETTLE:
            row.ready = 1
            words = f"out of the gateway, idle after {spent.total_seconds():.1f} s"
            self._actions.close(row, "done", words)
        elif late:
            words = f"still {left} requests in flight after {spent.total_seconds():.0f} s"
            self._actions.close(row, "failed", f"{words}; it stays out of the gateway")
        else:
            self._actions.update(row, progress=f"{left} requests in flight")

    def _weighed(self, replica_id: str, wanted: AsideRequest) -> tuple[Replica, str]:
        replicas = self._replicas()
        replica = self._find(replica_id, replicas)
        headroom = self._headroom.among(replicas, [replica_id])
        return replica, require(headroom, anyway=wanted.anyway)

    def _replicas(self) -> list[Replica]:
        try:
            return self._driver.status().replicas
        except DriverError as error:
            raise translated(error) from error

    def _find(self, replica_id: str, replicas: list[Replica]) -> Replica:
        found = next((each for each in replicas if each.id == replica_id), None)
        if found is None or found.role != ROLE:
            raise NotFoundError(f"There is no {ROLE} replica {replica_id}.")
        return found


def _state(replica: Replica) -> State:
    return {"aside": replica.aside.kind if replica.aside else None}
