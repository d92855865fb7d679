"""CPU burn: one thread that competes for the interpreter with everything else here."""

import threading
import time

from backend.schemas.replica_faults import CpuBurnArguments

# Short enough that the end is never waited for.
ROUND_SECONDS = 0.05


class CpuBurn:
    def __init__(self, arguments: CpuBurnArguments) -> None:
        self._busy = ROUND_SECONDS * arguments.percentage / 100
        self._percentage = arguments.percentage
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._burn, name="fault cpu-burn", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()

    def gone(self) -> bool:
        return not self._thread.is_alive()

    def detail(self) -> str:
        return f"one thread is busy for {self._percentage:g}% of its time"

    def _burn(self) -> None:
        while not self._over.is_set():
            until = time.monotonic() + self._busy
            while time.monotonic() < until:
                pass
            self._over.wait(ROUND_SECONDS - self._busy)
