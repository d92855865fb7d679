"""Tells when the generator itself is what limits a run, and no figure of it can be trusted."""

import time
from collections.abc import Callable

from chaos.traffic.latency import Latencies

LATE = 0.05
BUSY = 0.95
BUSY_SHARE = 0.1
SHORTEST = 0.2


class Strain:
    """Watches how late requests leave and how much of one core this process takes."""

    def __init__(
        self,
        wall: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.process_time,
    ) -> None:
        self._wall, self._cpu = wall, cpu
        self._before = wall(), cpu()
        self._lateness = Latencies()
        self._samples = 0
        self._busy = 0

    def left(self, lateness: float) -> None:
        """Note that a request left `lateness` seconds after it was due."""
        self._lateness.add(lateness)

    def sample(self) -> None:
        """Compare the processor time taken since the last sample with the time that passed."""
        wall, cpu = self._wall(), self._cpu()
        passed = wall - self._before[0]
        if passed < SHORTEST:
            return
        self._samples += 1
        self._busy += (cpu - self._before[1]) / passed > BUSY
        self._before = wall, cpu

    def verdict(self) -> str | None:
        """Return one sentence when the generator was the bottleneck, else None."""
        late = self._lateness.quantile(0.99) or 0.0
        if late > LATE:
            return f"requests left up to {late * 1000:.0f} ms late (p99)"
        if self._samples and self._busy / self._samples > BUSY_SHARE:
            return f"its process used a whole core in {self._busy} of {self._samples} samples"
        return None
