"""Whether this process wants traffic: a switch of its own, tied to no dependency.

One sick PostgreSQL would otherwise take every replica out at once, and leave
the gateway nobody to answer with a useful problem document.
"""

import threading
from enum import StrEnum

from backend.observability.catalogue import READY
from backend.observability.metrics import Instruments


class Phase(StrEnum):
    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"


class Readiness:
    """Goes from starting to ready to draining, never back; safe across threads."""

    def __init__(self, instruments: Instruments) -> None:
        self._phase = Phase.STARTING
        self._lock = threading.Lock()
        self._gauge = instruments.gauge(READY)

    @property
    def phase(self) -> Phase:
        return self._phase

    def ready(self) -> None:
        """Ask for traffic, unless the process is about to end."""
        self._enter(Phase.READY, unless=Phase.DRAINING)

    def drain(self) -> None:
        """Ask for no more traffic."""
        self._enter(Phase.DRAINING, unless=Phase.DRAINING)

    def _enter(self, phase: Phase, *, unless: Phase) -> None:
        with self._lock:
            if self._phase is not unless:
                self._phase = phase
                self._gauge.set(1 if phase is Phase.READY else 0)
