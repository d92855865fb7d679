"""Keeps a lease alive while the drill wants its fault, and not a moment longer.

A thread of its own, since activities block. It stops by itself when the drill
is aborted: then the lease ends at the target even if the undo never comes.
"""

import logging
import threading
import time
from dataclasses import dataclass, field

from chaos.drill import Abort, Cause
from chaos.places import FaultPlace
from deploy.faults import FaultClientError, UnknownFaultError

logger = logging.getLogger(__name__)

SHARE = 3  # a lease survives two renewals that do not come through


@dataclass(slots=True)
class Renewer:
    """Renews one fault at a third of its lease."""

    place: FaultPlace
    fault_id: str
    lease_seconds: float
    abort: Abort
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._renew, name="renewer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the lease run out; returns once no renewal is under way."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=self.lease_seconds)

    def _renew(self) -> None:
        held = time.monotonic()
        while not self._stopped.wait(self.lease_seconds / SHARE):
            if self.abort.cause is not None:
                return
            began = time.monotonic()
            try:
                self.place.renew(self.fault_id, self.lease_seconds)
                held = began
            except UnknownFaultError as error:
                self._lost(str(error))
                return
            except FaultClientError as error:
                logger.warning("A lease was not renewed", extra={"error.message": str(error)})
                if time.monotonic() - held > self.lease_seconds:
                    self._lost(str(error))
                    return

    def _lost(self, words: str) -> None:
        """A fault that ended by itself is not the one that the experiment speaks of."""
        if not self._stopped.is_set():
            self.abort.set(Cause("the lease", f"the fault {self.fault_id} ended early: {words}"))
