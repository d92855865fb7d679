"""Latencies of a run in bounded memory, however long it is."""

import math
from collections import Counter

PRECISION = 1.01
SMALLEST = 1e-5


class Latencies:
    """Counts seconds in buckets that grow by 1 %, so that a quantile is exact to 1 %.

    The way of HdrHistogram; two thousand buckets reach from 10 µs over an hour.
    """

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self._count = 0

    def add(self, seconds: float) -> None:
        self._buckets[math.ceil(math.log(max(seconds, SMALLEST) / SMALLEST, PRECISION))] += 1
        self._count += 1

    def quantile(self, share: float) -> float | None:
        """Return the seconds that `share` (0 to 1) of them do not exceed; None of nothing."""
        rank = max(1, math.ceil(share * self._count))
        for bucket in sorted(self._buckets):
            rank -= self._buckets[bucket]
            if rank <= 0:
                return float(SMALLEST * PRECISION**bucket)
        return None
