"""CPU burn: a thread that computes for a share of its time.

It competes for the interpreter with everything else here, or hashes, which lets
go of the interpreter's lock: then it competes for the machine's cores alone.
"""

import hashlib
import time
from collections.abc import Callable

from backend.ops.faults.threaded import ThreadedFault
from backend.schemas.replica_faults import CpuBurnArguments

# Short enough that the end is never waited for.
ROUND_SECONDS = 0.05
# Some 20 ms: long beside the 5 ms for which the interpreter's lock is waited for in between.
HASH_ITERATIONS = 40_000


class Computing(ThreadedFault):
    """One thread takes `turn` after `turn`, and pauses as long as its share of the time asks."""

    def __init__(self, kind: str, percentage: float, turn: Callable[[], object]) -> None:
        super().__init__(kind)
        self._share = percentage / 100
        self._turn = turn

    def run(self) -> None:
        while not self.over.is_set():
            taken = self._compute(ROUND_SECONDS * self._share)
            self.over.wait(taken / self._share - taken)

    def _compute(self, seconds: float) -> float:
        """Return how long it took: a turn is not broken off."""
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            self._turn()
        return time.monotonic() - began


class CpuBurn(Computing):
    def __init__(self, arguments: CpuBurnArguments) -> None:
        super().__init__("cpu-burn", arguments.percentage, _nothing)
        self._percentage = arguments.percentage

    def detail(self) -> str:
        return f"one thread is busy for {self._percentage:g}% of its time"


class Hashing(Computing):
    """What a thread does that checks passwords."""

    def __init__(self, kind: str, percentage: float) -> None:
        super().__init__(kind, percentage, _hash)


def _nothing() -> None:
    """Take no time of its own: asking for the time is computing enough."""


def _hash() -> bytes:
    return hashlib.pbkdf2_hmac("sha256", b"a password", b"its salt", HASH_ITERATIONS)
