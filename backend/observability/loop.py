"""How late the event loop is: the first sign of a handler that blocks it."""

import asyncio

from backend.observability.catalogue import LOOP_LAG
from backend.observability.metrics import Instruments

INTERVAL_SECONDS = 0.25


class LoopLagMonitor:
    """Asks for a timer again and again and records by how much each was late (seconds)."""

    def __init__(self, instruments: Instruments, interval: float = INTERVAL_SECONDS) -> None:
        self._lag = instruments.histogram(LOOP_LAG)
        self._interval = interval

    async def run(self) -> None:
        """Watch the running loop until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            asked_for = loop.time() + self._interval
            await asyncio.sleep(self._interval)
            self._lag.observe(max(0.0, loop.time() - asked_for))
