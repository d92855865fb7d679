"""The four verbs over everything that the agent can make fail.

A lease is armed, on disk, before its fault is made; what an agent that was
killed left behind is taken over by the next one.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from backend.schemas.faults import Fault, Faults, Reverted, State
from deploy.faults.kinds import AgentInjection
from deploy.local.agent.faults.deed import Deed, Sending
from deploy.local.agent.faults.ending import Ending, in_order
from deploy.local.agent.faults.guard import Guard
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.refusals import (
    FaultError,
    NotInEffectError,
    NotRevertedError,
    OverlapError,
    UnknownFaultError,
)
from deploy.local.agent.faults.register import Entry, Register

logger = logging.getLogger(__name__)

# Within these the caller is answered; an undo goes on after that.
EFFECT_SECONDS = 2.0
REVERT_SECONDS = 3.0
POLL = 0.02


class Keeper:
    """Calls block; several threads may make them. `require_backstop` returns once one stands."""

    def __init__(
        self,
        register: Register,
        deeds: Mapping[str, Deed],
        guard: Guard,
        ending: Ending,
        require_backstop: Callable[[], None],
    ) -> None:
        self._register = register
        self._deeds = deeds
        self._guard = guard
        self._ending = ending
        self._require_backstop = require_backstop

    def start(self) -> None:
        """Take over what is on disk, end what has expired meanwhile, and keep the rest."""
        self._register.load()
        for path in self._register.unreadable:
            logger.warning(
                "A lease cannot be read and counts as expired: %s",
                path.name,
                extra={"event.action": "fault-unreadable"},
            )
        self._ending.step()
        self.sweep_unreadable()
        self._ending.start()

    def stop(self) -> None:
        """Take everything back: whoever stops the agent may not start it again."""
        self.revert_all()
        self._ending.stop()

    def inject(self, injection: AgentInjection) -> tuple[Fault, bool]:
        """Make a fault; returns it, and False where it was there already and is renewed.

        Raises:
            FaultError: it was not made, and the message says why.
        """
        lease = Lease.armed(injection)
        try:
            return self._inject(injection, lease)
        except FaultError as error:
            self._tell(lease, "refused", f": {error}")
            raise

    def _inject(self, injection: AgentInjection, lease: Lease) -> tuple[Fault, bool]:
        if (known := self._before_waiting(injection, lease)) is not None:
            return known, False
        # Without the lock: one may take its time to come, and other leases end meanwhile.
        self._require_backstop()
        with self._register.lock:
            if (known := self._repeated(lease)) is not None:
                return known, False
            self._guard.require_allowed(injection)
            self._require_free(lease)
            self._deeds[lease.kind].check(lease)
            # What was waited for is nothing that the lease loses.
            entry = self._make(Lease.armed(injection))
        self._await_effect(entry)
        self._tell(lease, "injected")
        return self._fault(entry), True

    def _before_waiting(self, injection: AgentInjection, lease: Lease) -> Fault | None:
        """Renew what is there already, and refuse at once what will not be allowed after it."""
        with self._register.lock:
            known = self._repeated(lease)
            if known is None:
                self._guard.require_allowed(injection)
                self._require_free(lease)
            return known

    def renew(self, lease_id: str, seconds: float) -> Fault:
        """Let a fault last `seconds` from now.

        Raises:
            UnknownFaultError: there is none, or its lease has ended.
        """
        with self._register.lock:
            entry = self._register.get(lease_id)
            if entry is None or entry.ending or entry.lease.left == 0:
                raise UnknownFaultError(f"no fault {lease_id} is in force: inject it anew")
            self._register.put(entry.lease.renewed(seconds))
            self._deeds[entry.lease.kind].keep(entry.lease)
            return self._fault(entry)

    def revert(self, lease_id: str) -> None:
        """Take a fault back; one that is gone already is as good.

        Raises:
            NotRevertedError: something of it is left; it goes on being tried.
        """
        entry = self._register.get(lease_id)
        if entry is not None:
            self._revert([entry])
            if self._register.holds(entry):
                raise NotRevertedError(f"{entry.why}; it goes on being tried")

    def revert_all(self) -> Reverted:
        """Take everything back; returns what is gone, so what is not listed is still there."""
        entries = self._register.entries()
        self._revert(entries)
        gone = [entry for entry in entries if not self._register.holds(entry)]
        return Reverted(reverted=[entry.lease.id for entry in gone])

    def read_back(self) -> Faults:
        """Compare what is with what the leases hold."""
        entries = self._register.entries()
        return Faults(faults=[self._fault(entry) for entry in entries], residue=self._residue())

    def sweep_unreadable(self) -> None:
        """Take back whatever no readable lease holds: one of those that cannot be read did."""
        if not self._register.unreadable:
            return
        for deed in set(self._deeds.values()):
            with self._register.lock:
                deed.sweep(self._register.leases())
        if not self._loose():
            self._register.discard_unreadable()

    def _repeated(self, lease: Lease) -> Fault | None:
        """Renew the fault of that id; None where there is none."""
        known = self._register.get(lease.id)
        if known is None:
            return None
        if known.ending:
            raise OverlapError(f"the fault {lease.id} is just being taken back")
        if not known.lease.same_content(lease):
            raise OverlapError(f"the fault {lease.id} is another one: give this one its own id")
        return self.renew(lease.id, lease.lease_seconds)

    def _require_free(self, lease: Lease) -> None:
        claim = self._deeds[lease.kind].claim(lease)
        for other in self._register.leases():
            if claim and self._deeds[other.kind].claim(other) == claim:
                raise OverlapError(f"the fault {other.id} holds {claim}: revert it first")

    def _make(self, lease: Lease) -> Entry:
        entry = self._register.put(lease)
        try:
            # Whoever halts from here on finds the lease; who halted before found nothing.
            self._guard.require_not_halted()
            made = self._deeds[lease.kind].make(lease, self._register.put)
        except BaseException:
            entry.end()
            self._ending.take_back(entry)
            raise
        entry.lease = made
        return entry

    def _await_effect(self, entry: Entry) -> None:
        deadline = time.monotonic() + EFFECT_SECONDS
        while (why := self._missing(entry.lease)) and time.monotonic() < deadline:
            time.sleep(POLL)
        with self._register.lock:
            if not why and not entry.ending:
                self._register.put(entry.lease.done())
                return
            entry.end()
        self._ending.take_back(entry)
        raise NotInEffectError(f"{why or 'its lease ended at once'}; it is being taken back")

    def _missing(self, lease: Lease) -> str:
        try:
            return self._deeds[lease.kind].missing(lease)
        except OSError as error:
            return str(error)

    def _revert(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._tell(entry.lease, "revert")
            entry.end()
        deadline, left = time.monotonic() + REVERT_SECONDS, list(entries)
        while left and time.monotonic() < deadline:
            left = [entry for entry in in_order(left) if not self._ending.take_back(entry)]
            if left:
                time.sleep(POLL)

    def _fault(self, entry: Entry) -> Fault:
        lease, now = entry.lease, datetime.now(UTC)
        state = State.REVERTING if entry.ending else State.ACTIVE
        return Fault(
            **lease.model_dump(include={"id", "kind", "target", "arguments", "lease_seconds"}),
            injected_at=lease.injected_at,
            expires_at=now + timedelta(seconds=lease.left),
            expires_in_seconds=lease.left,
            state=State.STUCK if self._ending.stuck(entry) else state,
            detail=self._detail(entry),
            own_requests=self._own_requests(lease),
        )

    def _own_requests(self, lease: Lease) -> int:
        deed = self._deeds[lease.kind]
        return deed.own_requests(lease) if isinstance(deed, Sending) else 0

    def _detail(self, entry: Entry) -> str:
        if entry.ending:
            return entry.why or "is being taken back"
        try:
            return self._deeds[entry.lease.kind].words(entry.lease)
        except OSError as error:
            return f"cannot be read back now: {error}"

    def _residue(self) -> list[str]:
        unreadable = [f"the lease {path.name} cannot be read" for path in self._register.unreadable]
        stuck = [
            f"the fault {entry.lease.id} has ended and is not gone: {entry.why}"
            for entry in self._register.entries()
            if self._ending.stuck(entry)
        ]
        return [*unreadable, *stuck, *self._loose()]

    def _loose(self) -> list[str]:
        held = self._register.leases()
        return [words for deed in set(self._deeds.values()) for words in deed.residue(held)]

    def _tell(self, lease: Lease, action: str, why: str = "") -> None:
        fields = {
            "event.action": f"fault-{action}",
            "pharos.fault": lease.id,
            "pharos.component": lease.target,
        }
        words = "Fault %s: %s of %s%s"
        logger.info(words, action, lease.kind, lease.target, why, extra=fields)
