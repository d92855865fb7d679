"""Unhandled exceptions: counted always, logged always, reported where a tracker is configured.

A report carries the request id as a tag and the log line carries the report's
id (`error.id`), so that a user's problem document, the line and the tracker's
event are found by one another. What is expected is not handed in here: errors
of the domain, refusals, dependencies that are away or busy, clients that leave.
"""

import logging
import time
import traceback
from typing import NamedTuple

from backend.observability.catalogue import ERROR_REPORTS, EXCEPTIONS
from backend.observability.metrics import Bounded, Instruments
from backend.observability.tracker import Tracker

logger = logging.getLogger(__name__)

SAME_SECONDS = 60.0
MOST_TOLD = 100


class _Told(NamedTuple):
    event: str | None
    at: float


class ErrorReports:
    """Takes every exception that nobody else dealt with."""

    def __init__(
        self,
        instruments: Instruments,
        *,
        dsn: str | None = None,
        environment: str = "local",
        release: str = "",
        node: str = "",
    ) -> None:
        """Without a usable `dsn` nothing is reported; one that is not usable is logged."""
        self._counter = instruments.counter(EXCEPTIONS)
        self._kind = Bounded(EXCEPTIONS.labels[0])
        self._told: dict[tuple[str, ...], _Told] = {}
        reports = instruments.counter(ERROR_REPORTS)
        self._tracker: Tracker | None = None
        try:
            if dsn:
                self._tracker = Tracker(
                    dsn, environment=environment, release=release, node=node, reports=reports
                )
        except ValueError as error:
            logger.error("%s: exceptions are logged, but not reported", error)  # noqa: TRY400

    def capture(
        self,
        error: BaseException,
        message: str = "Unhandled exception",
        *,
        route: str | None = None,
    ) -> str | None:
        """Count, log and, where a tracker is configured, report `error`; never raises.

        `route` is what was being done: a route's template, a consumer, a page.
        Returns the tracker's event id, which the log line carries too.
        """
        error = _sole(error)
        self._counter.labels(kind=self._kind(type(error).__name__)).inc()
        event = self._report(error, route)
        logger.error(message, exc_info=error, extra={"error.id": event} if event else None)
        return event

    def capture_recurring(self, error: BaseException, message: str, *, route: str) -> str | None:
        """As `capture`, for work that is done over and over and fails every time.

        The same failure at the same place is counted each time, but logged and
        reported once a minute: returns the event of that report.
        """
        key, now = (route, *_place(error)), time.monotonic()
        told = self._told.get(key)
        if told is not None and now - told.at < SAME_SECONDS:
            self._counter.labels(kind=self._kind(type(error).__name__)).inc()
            return told.event
        if len(self._told) >= MOST_TOLD:
            self._told.clear()
        told = self._told[key] = _Told(self.capture(error, message, route=route), now)
        return told.event

    def _report(self, error: BaseException, route: str | None) -> str | None:
        if self._tracker is None:
            return None
        try:
            return self._tracker.report(error, route)
        except Exception:
            logger.exception("An exception could not be reported")
            return None

    def flush(self, timeout: float = 2.0) -> None:
        """Wait up to `timeout` seconds until what was captured has been sent."""
        if self._tracker is not None:
            self._tracker.flush(timeout)

    def close(self) -> None:
        """Send what waits, for two seconds at most, and report nothing more."""
        if self._tracker is not None:
            self._tracker.close()
            self._tracker = None


def _place(error: BaseException) -> tuple[str, str]:
    """Return the error's kind and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    line = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__, line


def _sole(error: BaseException) -> BaseException:
    """Return what a task group wrapped, where it was one error: its own kind says more."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
