"""Exemplars: from a bar of a latency histogram to one request that is in it.

Prometheus keeps one exemplar a bucket and scrape, so most would be made for
nothing, and each costs more than the observation itself. At most two a second
are made for each series: of whatever comes, and of what is slow, since the one
slow request among hundreds of fast ones is what somebody will look for.
"""

import time

from prometheus_client.samples import Exemplar

from backend.observability.context import request_id, trace_id

# As much as OpenMetrics allows for names and values together.
LONGEST = 128
INTERVAL_SECONDS = 1.0
SLOW_SECONDS = 0.1


class Exemplars:
    """The last exemplar of each bucket of one series."""

    __slots__ = ("_due", "_slow_due", "kept")

    def __init__(self, buckets: int) -> None:
        self.kept: list[Exemplar | None] = [None] * buckets
        self._due = self._slow_due = 0.0

    def offer(self, bucket: int, seconds: float) -> None:
        """Make an exemplar of the work at hand, if one is due."""
        now = time.monotonic()
        if seconds >= SLOW_SECONDS and now >= self._slow_due:
            self._slow_due = now + INTERVAL_SECONDS
        elif now >= self._due:
            self._due = now + INTERVAL_SECONDS
        else:
            return
        if (labels := exemplar_at_hand()) is not None:
            self.kept[bucket] = Exemplar(labels, seconds, time.time())


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
