"""Exemplars: from a bar of a latency histogram to one request that is in it.

Prometheus keeps one exemplar a bucket and scrape, so most would be made for
nothing, and each costs as much as the observation itself. At most two a second
are made for each series: of whatever comes, and of what is slow, since the one
slow request among hundreds of fast ones is what somebody will look for.
"""

import time

from backend.observability.context import request_id, trace_id
from backend.observability.metrics import Histogram

# As much as OpenMetrics allows for names and values together.
LONGEST = 128
INTERVAL_SECONDS = 1.0
SLOW_SECONDS = 0.1


class Observations:
    """One series of a latency histogram; observe it within the context of the work at hand."""

    __slots__ = ("_due", "_histogram", "_slow_due")

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._due = self._slow_due = 0.0

    def observe(self, seconds: float) -> None:
        now = time.monotonic()
        if seconds >= SLOW_SECONDS and now >= self._slow_due:
            self._slow_due = now + INTERVAL_SECONDS
        elif now >= self._due:
            self._due = now + INTERVAL_SECONDS
        else:
            self._histogram.observe(seconds)
            return
        self._histogram.observe(seconds, exemplar_at_hand())


def exemplar_at_hand() -> dict[str, str] | None:
    """Return what names the work at hand: its trace, and its request's id where there is room."""
    known: dict[str, str] = {}
    if (trace := trace_id()) is not None:
        known["trace_id"] = trace
    if (request := request_id()) is not None:
        known["request_id"] = request
        if sum(len(name) + len(value) for name, value in known.items()) > LONGEST:
            del known["request_id"]
    return known or None
