"""Memory growth, in maps of its own: they go back to the system whole, as no heap does."""

import mmap
import threading

from backend.schemas.replica_faults import MemoryGrowthArguments

MEBIBYTE = 1024 * 1024
# Not zeros: pages that were only read, or merged with others, would cost nothing.
FILLING = bytes(range(1, 129)) * (MEBIBYTE // 128)


class MemoryGrowth:
    def __init__(self, arguments: MemoryGrowthArguments) -> None:
        self._arguments = arguments
        self._over = threading.Event()
        self._maps: list[mmap.mmap] = []
        self._refused = ""
        self._thread = threading.Thread(target=self._run, name="fault memory-growth", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()

    def gone(self) -> bool:
        return not self._thread.is_alive()

    def detail(self) -> str:
        return f"holds {len(self._maps)} of {self._arguments.mebibytes} MiB{self._refused}"

    def _run(self) -> None:
        try:
            self._grow()
            self._over.wait()
        finally:
            while self._maps:
                self._maps.pop().close()

    def _grow(self) -> None:
        pause = 1 / self._arguments.mebibytes_per_second
        while len(self._maps) < self._arguments.mebibytes and not self._over.wait(pause):
            try:
                taken = mmap.mmap(-1, MEBIBYTE)
            except OSError as error:
                self._refused = f"; the system gives no more: {error}"
                return
            taken.write(FILLING)
            self._maps.append(taken)
