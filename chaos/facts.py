"""What a drill has found out so far: activities write it, the verdict and the watchers read it."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chaos.journal import utc_now
from chaos.places import FaultPlace
from chaos.schemas import Impact, SignalReport, Undo


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

    def take_readings(self) -> list[str]:
        """Return what probes said since the last call, and forget it."""
        taken, self.readings = self.readings, []
        return taken

    def take_error(self) -> Exception | None:
        """Return what the last activity raised, and forget it."""
        taken, self.error = self.error, None
        return taken
