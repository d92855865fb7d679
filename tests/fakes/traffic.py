"""Users that do not exist: the gateway's counters grow as a test says."""

import time
from collections.abc import Callable

from chaos.drill import Totals
from chaos.errors import BlindError, NoSampleError

BUCKETS = (0.005, 0.025, 0.1, 0.5, 1.0, float("inf"))


class FakeTraffic:
    """`rate` requests a second have been answered since long ago, each in `seconds`.

    From the moment of `fail(ratio)` on, that share of them fails; `slow(seconds)`
    changes how long they take; `serving` replicas get them; `blind` makes every
    look fail as if Prometheus were dead; before `scraped_since` (Unix seconds)
    there is no sample.
    """

    def __init__(
        self, rate: float = 200.0, seconds: float = 0.02, clock: Callable[[], float] = time.time
    ) -> None:
        self.blind = False
        self.serving = 2
        self.scraped_since = 0.0
        self._clock = clock
        self._rate = rate
        self._began = clock() - 1000.0
        self._seconds = [(self._began, seconds)]
        self._ratios = [(self._began, 0.0)]
        self._single: list[float] = []

    def fail(self, ratio: float) -> None:
        self._ratios.append((self._clock(), ratio))

    def slow(self, seconds: float) -> None:
        self._seconds.append((self._clock(), seconds))

    def answer_one(self) -> None:
        """Count one more request, as if a single visitor had come by."""
        self._single.append(self._clock())

    def totals(self, at: float | None = None) -> Totals:
        if self.blind:
            raise BlindError("Prometheus cannot be asked: connection refused")
        moment = self._clock() if at is None else at
        if moment < self.scraped_since:
            raise NoSampleError("Prometheus has no sample of the gateway")
        buckets = dict.fromkeys(BUCKETS, 0.0)
        for seconds, length in _stretches(self._seconds, moment):
            for bound in BUCKETS:
                buckets[bound] += self._rate * length if seconds <= bound else 0.0
        failed = sum(
            ratio * self._rate * length for ratio, length in _stretches(self._ratios, moment)
        )
        single = sum(1 for one in self._single if one <= moment)
        buckets = {bound: count + single for bound, count in buckets.items()}
        return Totals(moment, self._rate * (moment - self._began) + single, failed, buckets)

    def endpoints(self, role: str, since: float) -> int:  # noqa: ARG002
        if self.blind:
            raise BlindError("Prometheus cannot be asked: connection refused")
        return self.serving


def _stretches(changes: list[tuple[float, float]], until: float) -> list[tuple[float, float]]:
    """Return each value with the seconds that it held before `until`."""
    ends = [start for start, _ in changes[1:]] + [until]
    return [
        (value, max(0.0, min(end, until) - start))
        for (start, value), end in zip(changes, ends, strict=True)
    ]
