"""CPU burn: one thread that competes for the interpreter with everything else here."""

import time

from backend.ops.faults.threaded import ThreadedFault
from backend.schemas.replica_faults import CpuBurnArguments

# Short enough that the end is never waited for.
ROUND_SECONDS = 0.05


class CpuBurn(ThreadedFault):
    def __init__(self, arguments: CpuBurnArguments) -> None:
        super().__init__("cpu-burn")
        self._busy = ROUND_SECONDS * arguments.percentage / 100
        self._percentage = arguments.percentage

    def detail(self) -> str:
        return f"one thread is busy for {self._percentage:g}% of its time"

    def run(self) -> None:
        while not self.over.is_set():
            until = time.monotonic() + self._busy
            while time.monotonic() < until:
                pass
            self.over.wait(ROUND_SECONDS - self._busy)
