"""What is injected now: one look a second, shared by everybody who asks."""

import threading
import time
from collections.abc import Callable

from deploy.faults.inventory import Inventory

MAX_AGE = 1.0


class HeldFaults:
    """`look` reads every place back; it takes as long as the slowest, at most a second or two."""

    def __init__(self, look: Callable[[], Inventory]) -> None:
        self._look = look
        self._looking = threading.Lock()
        self._seen_at = 0.0
        self._inventory: Inventory | None = None

    def now(self) -> Inventory:
        """Return an inventory that is at most `MAX_AGE` seconds old."""
        with self._looking:
            if self._inventory is None or time.monotonic() - self._seen_at >= MAX_AGE:
                self._inventory = self._look()
                self._seen_at = time.monotonic()
            return self._inventory
