"""Memory growth, in maps of its own: they go back to the system whole, as no heap does."""

import mmap

from backend.ops.faults.threaded import ThreadedFault
from backend.schemas.replica_faults import MemoryGrowthArguments

MEBIBYTE = 1024 * 1024
# Not zeros: pages that were only read, or merged with others, would cost nothing.
FILLING = bytes(range(1, 129)) * (MEBIBYTE // 128)


class MemoryGrowth(ThreadedFault):
    def __init__(self, arguments: MemoryGrowthArguments) -> None:
        super().__init__("memory-growth")
        self._arguments = arguments
        self._maps: list[mmap.mmap] = []
        self._refused = ""

    def detail(self) -> str:
        return f"holds {len(self._maps)} of {self._arguments.mebibytes} MiB{self._refused}"

    def run(self) -> None:
        try:
            self._grow()
            self.over.wait()
        finally:
            while self._maps:
                self._maps.pop().close()

    def _grow(self) -> None:
        pause = 1 / self._arguments.mebibytes_per_second
        while len(self._maps) < self._arguments.mebibytes and not self.over.wait(pause):
            try:
                taken = mmap.mmap(-1, MEBIBYTE)
            except OSError as error:
                self._refused = f"; the system gives no more: {error}"
                return
            taken.write(FILLING)
            self._maps.append(taken)
