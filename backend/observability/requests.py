"""Rate, errors and duration of a server's requests, by route template.

Routes appear by their template, all unmatched paths as one value and all
unknown methods as `_OTHER`, so that no caller can add series. It runs on every
request: what is counted in was looked up before, under one key.
"""

from backend.observability.catalogue import HTTP_DURATION, HTTP_IN_FLIGHT, HTTP_REQUESTS, METHOD
from backend.observability.exemplars import Observations
from backend.observability.metrics import Counter, Instruments

UNMATCHED = "unmatched"
OTHER_METHOD = METHOD.values[-1]
METHODS = frozenset(METHOD.values)


class RequestMetrics:
    """The instruments of one server; `in_flight` is the caller's to move."""

    def __init__(self, instruments: Instruments) -> None:
        self.in_flight = instruments.gauge(HTTP_IN_FLIGHT)
        self._requests = instruments.counter(HTTP_REQUESTS)
        self._duration = instruments.histogram(HTTP_DURATION)
        # There from the start: an idle process is told from one that does not measure.
        self._duration.labels(route=UNMATCHED, method="GET")
        # As many as there are routes, methods and statuses: all of them ours.
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._observations: dict[tuple[str, str], Observations] = {}

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request; `method` is one of METHODS, `seconds` its whole time."""
        counter = self._counters.get((route, method, status))
        if counter is None:
            counter = self._made(route, method, status)
        counter.inc()
        self._observations[route, method].observe(seconds)

    def _made(self, route: str, method: str, status: int) -> Counter:
        counter = self._requests.labels(route=route, method=method, status=str(status))
        self._counters[route, method, status] = counter
        if (route, method) not in self._observations:
            histogram = self._duration.labels(route=route, method=method)
            self._observations[route, method] = Observations(histogram)
        return counter
