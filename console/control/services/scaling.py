"""Scaling: guards, the wish handed to the driver, and following it until it is true."""

from datetime import timedelta

from console.control.errors import RefusedError
from console.control.services.actions import Actions, deed_of, translated
from console.control.services.audit_log import Deed
from console.control.services.headroom import ROLE, HeadroomCheck
from console.control.services.records import Records
from console.control.services.scale_plan import Situation, preview, weighed
from console.control.storage.tables import ActionRow
from console.schemas import Action, ScalePreview, ScaleRequest
from deploy.driver import Driver, DriverError, Replica

KIND = "scale"


class Scaling:
    """Every change is a row on disk before it is asked for, so that none is forgotten."""

    def __init__(
        self,
        records: Records,
        actions: Actions,
        driver: Driver,
        headroom: HeadroomCheck,
        timeout: timedelta,
    ) -> None:
        self._audit = records.audit
        self._clock = records.clock
        self._actions = actions
        self._driver = driver
        self._headroom = headroom
        self._timeout = timeout

    def preview(self, role: str, count: int) -> ScalePreview:
        """Return what `start` would do; raises as it does, but for refusals."""
        try:
            return self._planned(role, count, self._actions.busy(KIND, role))
        except DriverError as error:
            raise translated(error) from error

    def start(self, actor: str, wanted: ScaleRequest) -> Action:
        """Ask for `wanted.count` replicas; the answer's action tells how it goes on.

        It also does where the driver gave no answer, by what is seen to happen.

        Raises:
            RefusedError: out of bounds, something goes on with the role already, or those
                that remain would not carry the load.
            NotFoundError: there is no such role.
            UnavailableError: the driver cannot be reached; nothing was changed.
        """
        row = self._actions.begun(KIND, wanted.role, actor, wanted.reason, wanted.count)
        with self._audit.guarding(Deed(actor, KIND, wanted.role, wanted.reason)):
            self._admit(row, anyway=wanted.anyway)
        self._actions.ask(row, lambda: self._driver.scale(row.target, row.wanted))
        return self._actions.find(row.id)

    def resume(self) -> None:
        """Take up what ran when the service stopped; call it once, before the first `follow`.

        A wish that never reached the driver shows by the number that is held,
        and is closed by `follow` as not taken.
        """
        self._actions.take_up(KIND)

    def follow(self) -> None:
        """Look once at every scaling under way, and close those that have ended."""
        for row in self._actions.under_way(KIND):
            self._follow(row)

    def _planned(self, role: str, count: int, busy: str | None = None) -> ScalePreview:
        bounds, desired = self._driver.bounds(role), self._driver.desired(role)
        replicas = self._replicas(role)
        plan = preview(Situation(role, desired, bounds, replicas, busy), count)
        if role != ROLE or not plan.allowed:
            return plan
        return weighed(plan, self._headroom.among(replicas, plan.stops, len(plan.starts)))

    def _admit(self, row: ActionRow, *, anyway: bool) -> None:
        try:
            plan = self._planned(row.target, row.wanted)
        except DriverError as error:
            raise translated(error) from error
        if refusal := _refusal(plan, anyway=anyway):
            raise RefusedError(refusal)
        deed = deed_of(row).changing({"replicas": plan.current}, {"replicas": row.wanted})
        self._actions.admit(row, deed, _accepted(plan))

    def _follow(self, row: ActionRow) -> None:
        seconds = (self._clock() - row.started_at).total_seconds()
        late = seconds >= self._timeout.total_seconds()
        close = self._actions.close
        try:
            held, replicas = self._driver.desired(row.target), self._replicas(row.target)
        except DriverError as error:
            if late:
                close(row, "failed", f"not seen to be done after {seconds:.0f} s: {error}")
            else:
                self._actions.update(row, progress=f"waiting: {error}")
            return
        row.ready = sum(replica.ready for replica in replicas)
        if held != row.wanted:
            close(row, "failed", f"not taken, or undone since: {held} are held now")
        elif row.ready == len(replicas) == row.wanted:
            close(row, "done", f"{row.ready} of {row.wanted} ready after {seconds:.1f} s")
        elif late:
            close(row, "failed", f"{_progress(row, replicas)} after {seconds:.0f} s")
        else:
            self._actions.update(row, progress=_progress(row, replicas), ready=row.ready)

    def _replicas(self, role: str) -> list[Replica]:
        return [replica for replica in self._driver.status().replicas if replica.role == role]


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
