"""What a drill has found out so far: activities write it, the verdict and the watchers read it."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chaos.journal import utc_now
from chaos.places import FaultPlace
from chaos.schemas import Impact, SignalReport, Undo
from deploy.faults import FaultClientError

# These send requests as long as they last.
SENDING = frozenset({"flood"})


class Renewing(Protocol):
    """Keeps a lease alive until it is stopped."""

    def stop(self) -> None: ...


@dataclass(slots=True)
class Held:
    """A fault that the drill made, and holds until it is taken back."""

    fault_id: str
    kind: str
    target: str
    place: FaultPlace
    renewing: Renewing | None = None
    reverted: bool = False
    own_requests: int = 0  # sent by the fault, and answered as they should be


@dataclass(slots=True)
class Facts:
    """What the drill has found out so far; activities write it, the verdict reads it."""

    target: str | None = None
    role: str | None = None
    desired_before: int | None = None
    pid_before: int | None = None
    pid_after: int | None = None
    fault_at: datetime | None = None
    fault_monotonic: float = 0.0
    injected_monotonic: float = 0.0  # of the last fault, where there are several
    fault_ended_at: datetime | None = None
    fault_ended_monotonic: float = 0.0
    recovered_at: datetime | None = None
    recovery_seconds: float | None = None
    recovery_words: str = ""
    impact: Impact | None = None
    undo: Undo | None = None
    signals: list[SignalReport] = field(default_factory=list)
    component: str | None = None
    held: list[Held] = field(default_factory=list)
    own_requests: list[float] = field(default_factory=list)  # Unix seconds of the drill's own
    readings: list[str] = field(default_factory=list)
    method_failed: bool = False
    error: Exception | None = None

    def begin_fault(self, at: datetime, monotonic: float) -> None:
        """Note a fault that began then: signals count from the first, recovery from the last."""
        if self.fault_at is None:
            self.fault_at, self.fault_monotonic = at, monotonic
        self.injected_monotonic = monotonic
        self.fault_ended_at = self.recovered_at = None

    def end_fault(self) -> None:
        """Note that the fault is over now, unless it was before."""
        if self.fault_ended_at is None:
            self.fault_ended_at, self.fault_ended_monotonic = utc_now(), time.monotonic()

    def count_own(self, held: Held) -> None:
        """Ask how many requests a fault has sent by now: once it is taken back nobody can tell.

        Where its place does not answer the last count stays, and a reading says so.
        """
        if held.kind not in SENDING or held.reverted:
            return
        try:
            found = held.place.read_back().faults
        except FaultClientError as error:
            words = f"how many requests {held.kind} has sent is not known: {error}"
            if words not in self.readings:
                self.readings.append(words)
        else:
            counts = [fault.own_requests for fault in found if fault.id == held.fault_id]
            held.own_requests = max([held.own_requests, *counts])

    def own_since(self, moment: float) -> int:
        """Return how many requests are the drill's own and no user's, since then (Unix seconds).

        Those of its faults count as a whole: none began before the drill.
        """
        for held in self.held:
            self.count_own(held)
        sent = sum(1 for each in self.own_requests if each >= moment)
        return sent + sum(held.own_requests for held in self.held)

    def take_readings(self) -> list[str]:
        """Return what probes said since the last call, and forget it."""
        taken, self.readings = self.readings, []
        return taken

    def take_error(self) -> Exception | None:
        """Return what the last activity raised, and forget it."""
        taken, self.error = self.error, None
        return taken
