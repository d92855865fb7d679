"""Rate, errors, duration and a log line of a server's requests, by route template.

Routes appear by their template, all unmatched paths as one value and all
unknown methods as `_OTHER`, so that no caller can add series. It runs on every
request: what all answers of one kind have in common is made once.
"""

import logging
from collections.abc import Collection
from typing import Any

from backend.observability.catalogue import HTTP_DURATION, HTTP_IN_FLIGHT, HTTP_REQUESTS, METHOD
from backend.observability.metrics import Instruments
from backend.observability.plain import Number, Observations
from backend.observability.work import Work

UNMATCHED = "unmatched"
OTHER_METHOD = METHOD.values[-1]
METHODS = frozenset(METHOD.values)
# The status of an answer for which nobody waited, as nginx has it.
CLIENT_LEFT = 499


class _Answers:
    """All answers of one route, method and status."""

    __slots__ = ("count", "duration", "line")

    def __init__(self, count: Number, duration: Observations, line: Work | None) -> None:
        self.count, self.duration, self.line = count, duration, line


class Requests:
    """The requests of one server, on one event loop; `in_flight` is the caller's to move."""

    def __init__(
        self, instruments: Instruments, logger: logging.Logger, quiet: Collection[str] = ()
    ) -> None:
        """Take the logger of the lines; routes that are `quiet` are counted, not written down."""
        self._logger, self._quiet = logger, quiet
        self.in_flight = instruments.numbers(HTTP_IN_FLIGHT).labels()
        self._counts = instruments.numbers(HTTP_REQUESTS)
        self._durations = instruments.latencies(HTTP_DURATION)
        # There from the start: an idle process is told from one that does not measure.
        self._durations.labels(route=UNMATCHED, method="GET")
        # As many as there are routes, methods and statuses: all of them ours.
        self._answers: dict[tuple[str, str, int], _Answers] = {}

    def answered(
        self, route: str, method: str, status: int, seconds: float, fields: dict[str, Any]
    ) -> None:
        """Count one request and write its line.

        `method` is one of METHODS, `seconds` its whole time; `fields` are what
        the line tells beyond these.
        """
        answers = self._answers.get((route, method, status)) or self._meet(route, method, status)
        answers.count.inc()
        answers.duration.observe(seconds)
        if answers.line is not None:
            fields["event.duration"] = int(seconds * 1e9)
            answers.line.done(fields)

    def _meet(self, route: str, method: str, status: int) -> _Answers:
        count = self._counts.labels(route=route, method=method, status=str(status))
        duration = self._durations.labels(route=route, method=method)
        line = None if route in self._quiet else self._line(route, method, status)
        answers = self._answers[route, method, status] = _Answers(count, duration, line)
        return answers

    def _line(self, route: str, method: str, status: int) -> Work:
        return Work(
            self._logger,
            "request",
            f"{method} {route} {status}",
            {
                "http.request.method": method,
                "pharos.route": route,
                "http.response.status_code": status,
            },
            level=logging.WARNING if status >= 500 else logging.INFO,
            last=True,
        )
