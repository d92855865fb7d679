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
    WITHHELD = "withheld"
    DRAINING = "draining"


class Readiness:
    """Goes from starting to ready to draining, never back; safe across threads.

    While it is withheld, a process that is ready says that it is not.
    """

    def __init__(self, instruments: Instruments) -> None:
        self._phase = Phase.STARTING
        self._withheld = False
        self._lock = threading.Lock()
        self._gauge = instruments.gauge(READY)

    @property
    def phase(self) -> Phase:
        withheld = self._withheld and self._phase is Phase.READY
        return Phase.WITHHELD if withheld else self._phase

    def ready(self) -> None:
        """Ask for traffic, unless the process is about to end."""
        self._enter(Phase.READY, unless=Phase.DRAINING)

    def drain(self) -> None:
        """Ask for no more traffic."""
        self._enter(Phase.DRAINING, unless=Phase.DRAINING)

    def withhold(self) -> None:
        """Say that no traffic is wanted, until `resume`."""
        self._hold(withheld=True)

    def resume(self) -> None:
        self._hold(withheld=False)

    def _enter(self, phase: Phase, *, unless: Phase) -> None:
        with self._lock:
            if self._phase is not unless:
                self._phase = phase
                self._show()

    def _hold(self, *, withheld: bool) -> None:
        with self._lock:
            self._withheld = withheld
            self._show()

    def _show(self) -> None:
        self._gauge.set(1 if self.phase is Phase.READY else 0)
