"""The difference of two readings of the gateway's counters: what happened in between."""

import math
from dataclasses import dataclass

from chaos.drill import Totals, Traffic
from chaos.errors import BlindError


@dataclass(frozen=True, slots=True)
class Window:
    """Requests of a stretch of time; `p99` in seconds, None when there were none."""

    seconds: float
    requests: float
    failed: float
    p99: float | None

    @property
    def error_ratio(self) -> float | None:
        """Return failed requests among all, 0 to 1; None without any."""
        return min(1.0, self.failed / self.requests) if self.requests else None


def between(first: Totals, last: Totals) -> Window:
    """Subtract two readings.

    Raises:
        BlindError: the gateway restarted in between, so its counters began anew.
    """
    buckets = {bound: last.buckets[bound] - first.buckets.get(bound, 0.0) for bound in last.buckets}
    requests, failed = last.requests - first.requests, last.failed - first.failed
    if min(requests, failed, *buckets.values(), 0.0) < 0:
        raise BlindError("the gateway restarted meanwhile: its counters began anew")
    return Window(last.at - first.at, requests, failed, quantile(0.99, buckets))


def last_seconds(traffic: Traffic, seconds: float) -> Window:
    """Return the window that ends at the newest sample.

    Raises:
        BlindError: the gateway's counters cannot be read, or not for so long.
    """
    newest = traffic.totals()
    return between(traffic.totals(newest.at - seconds), newest)


def quantile(share: float, buckets: dict[float, float]) -> float | None:
    """Estimate a quantile from cumulative buckets (upper bound → requests at or below it).

    Linear inside a bucket, as Prometheus' `histogram_quantile` does it; a rank
    in the last bucket gives the highest finite bound. None when all are empty.
    """
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0.0
    if not total:
        return None
    rank = share * total
    lower, below = 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank:
            if math.isinf(bound):
                return lower
            return lower + (bound - lower) * (rank - below) / (buckets[bound] - below)
        lower, below = bound, buckets[bound]
    return lower
