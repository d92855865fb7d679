"""The faults of this process: who holds which, and a thread that ends each with its lease.

The thread has nothing to do with the traffic's event loop, so that a fault ends
in time though the loop stands still, and though whoever asked for it is dead.
"""

import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from backend.observability.catalogue import FAULTS_ACTIVE, FAULTS_RESIDUE
from backend.observability.metrics import Instruments
from backend.ops.faults import lines
from backend.ops.faults.effects import Effect
from backend.ops.faults.errors import (
    FaultConflictError,
    FaultsForbiddenError,
    FaultsHaltedError,
    UnknownFaultError,
    UnservedFaultError,
)
from backend.ops.faults.lease import End, Held
from backend.schemas.faults import Fault, Faults, State
from backend.schemas.halting import LOOK_SECONDS as HALT_LOOK_SECONDS
from backend.schemas.halting import HaltSwitch
from backend.schemas.replica_faults import ReplicaInjection
from backend.settings import Settings

# Makes an effect of a kind's arguments; raises UnservedFaultError for what cannot be.
Make = Callable[[Any], Effect]

# How often an undo under way is looked at.
LOOK_SECONDS = 0.02
CLOSE_SECONDS = 1.0


class FaultRegistry:
    """Injects, renews, reverts and reads back; safe across threads, and never waits for a fault."""

    def __init__(self, settings: Settings, instruments: Instruments) -> None:
        self._name = settings.replica_id
        self._forbidden = settings.environment == "production"
        self._halt = HaltSwitch(settings.halt_file)
        self._gauge = instruments.gauge(FAULTS_ACTIVE)
        instruments.gauge(FAULTS_RESIDUE).set_function(self._stuck)
        self._offers: dict[str, Make] = {}
        self._held: dict[str, Held] = {}
        self._changed = threading.Condition()
        self._keeper: threading.Thread | None = None

    def offer(self, kind: str, make: Make) -> None:
        """Let faults of this kind be injected here."""
        self._gauge.labels(kind=kind).set_function(lambda: self._count(kind))
        self._offers[kind] = make

    def inject(self, asked: ReplicaInjection) -> tuple[Fault, bool]:
        """Inject a fault, or renew it where it was asked for before; True for a new one.

        Raises:
            FaultsForbiddenError: the environment is production.
            FaultsHaltedError: the halt switch is on.
            FaultConflictError: the id has other content or is about to end, or
                another fault of the kind is at work in the same place.
            UnservedFaultError: this process cannot do what is asked.
        """
        if self._forbidden:
            raise FaultsForbiddenError("Nothing is injected in production.")
        with self._changed:
            # Under the lock: who halts and then reads back sees this fault, or it is not made.
            if self._halt.on():
                raise FaultsHaltedError("Faults are halted: `pharos chaos rearm` ends that.")
            self._settle()
            if asked.id in self._held:
                return self._again(self._held[asked.id], asked), False
            held = self._new(asked)
            # Held, and watched, before it begins: it ends in time whatever becomes of its begin.
            self._held[asked.id] = held
            self._watch()
            lines.injected(held)
            try:
                held.effect.start()
            except BaseException:
                held.begin_end(End.REVERTED, time.monotonic())
                raise
            return held.shown(time.monotonic()), True

    def renew(self, fault_id: str, lease_seconds: float) -> Fault:
        """Let a fault last `lease_seconds` from now on.

        Raises:
            UnknownFaultError: it is not held, or about to end.
        """
        with self._changed:
            self._settle()
            held = self._held.get(fault_id)
            if held is None or held.end is not None:
                raise UnknownFaultError(f"No fault {fault_id!r} is active here: inject it anew.")
            now = time.monotonic()
            held.renew(lease_seconds, now)
            self._changed.notify_all()
            return held.shown(now)

    def revert(self, fault_id: str) -> None:
        """Begin to undo a fault; one that is gone already is none to undo."""
        with self._changed:
            if fault_id in self._held:
                self._end([self._held[fault_id]])

    def revert_all(self) -> list[str]:
        """Begin to undo everything, and return the ids of what was there."""
        with self._changed:
            held = list(self._held.values())
            self._end(held)
            return [each.injection.id for each in held]

    def read(self) -> Faults:
        """Return what is injected, and what its undo has left behind."""
        with self._changed:
            self._settle()
            now = time.monotonic()
            shown = [held.shown(now) for held in self._held.values()]
        stuck = [each for each in shown if each.state is State.STUCK]
        return Faults(
            faults=shown,
            residue=[f"{each.kind} {each.id} is not undone: {each.detail}" for each in stuck],
        )

    def undone(self, fault_ids: Collection[str], patience: float) -> bool:
        """Wait until nothing of these faults is left, for `patience` seconds at most."""
        with self._changed:
            return self._changed.wait_for(lambda: self._held.keys().isdisjoint(fault_ids), patience)

    def close(self) -> None:
        """Undo everything at the process's end, for as long as that may take."""
        self.undone(self.revert_all(), CLOSE_SECONDS)

    def _end(self, ending: list[Held]) -> None:
        for held in ending:
            held.begin_end(End.REVERTED, time.monotonic())
        self._settle()
        self._changed.notify_all()

    def _again(self, held: Held, asked: ReplicaInjection) -> Fault:
        if not held.same_content(asked):
            raise FaultConflictError(f"The fault {asked.id!r} has other content: use a new id.")
        if held.end is not None:
            raise FaultConflictError(f"The fault {asked.id!r} is being reverted: use a new id.")
        return self.renew(asked.id, asked.lease_seconds)

    def _new(self, asked: ReplicaInjection) -> Held:
        if asked.target not in (None, self._name):
            raise UnservedFaultError("target", f"must be {self._name!r} or null: this is no other")
        if asked.kind not in self._offers:
            kinds = ", ".join(sorted(self._offers))
            raise UnservedFaultError("kind", f"must be one of {kinds}: this process has no other")
        for other in self._held.values():
            if other.overlaps(asked):
                raise FaultConflictError(
                    f"The fault {other.injection.id!r} does the same in the same place: "
                    "revert it first."
                )
        now, seconds = time.monotonic(), asked.lease_seconds
        effect = self._offers[asked.kind](asked.arguments)
        return Held(asked, effect, datetime.now(UTC), seconds, now + seconds)

    def _watch(self) -> None:
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, name="fault leases", daemon=True)
            self._keeper.start()
        self._changed.notify_all()

    def _keep(self) -> None:
        with self._changed:
            while True:
                self._settle()
                self._changed.wait(self._pause())

    def _pause(self) -> float | None:
        """Return the seconds until there is something to do, or None for nothing."""
        held = self._held.values()
        if any(each.end is not None for each in held):
            return LOOK_SECONDS
        nearest = min((each.deadline for each in held), default=None)
        if nearest is None:
            return None
        return min(HALT_LOOK_SECONDS, max(0.0, nearest - time.monotonic()))

    def _settle(self) -> None:
        """End what is due, all of it while halted, and forget what is gone."""
        now = time.monotonic()
        for held in list(self._held.values()):
            if held.deadline <= now:
                held.begin_end(End.EXPIRED, now)
            elif self._halt.seen():
                held.begin_end(End.REVERTED, now)
            if held.end is not None:
                self._follow(held, held.end, now)

    def _follow(self, held: Held, end: End, now: float) -> None:
        if held.effect.gone():
            del self._held[held.injection.id]
            lines.ended(held, end)
            self._changed.notify_all()
        elif held.state(now) is State.STUCK and not held.told_stuck:
            held.told_stuck = True
            lines.stuck(held)

    def _count(self, kind: str) -> int:
        with self._changed:
            return sum(held.injection.kind == kind for held in self._held.values())

    def _stuck(self) -> int:
        with self._changed:
            now = time.monotonic()
            return sum(held.state(now) is State.STUCK for held in self._held.values())
