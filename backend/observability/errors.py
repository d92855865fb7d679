"""Unhandled exceptions: counted always, logged always, reported where a tracker is configured.

The tracker's events carry the request id as a tag, so that a user's problem
document, the log line and the tracker's event are found by one id. They carry
no request bodies, no headers, no local variables: those may hold personal data.
"""

import logging
from typing import Any

import sentry_sdk

from backend.observability.catalogue import EXCEPTIONS
from backend.observability.context import request_id
from backend.observability.metrics import Bounded, Instruments
from backend.observability.redaction import redact

logger = logging.getLogger(__name__)


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
        self._counter = instruments.counter(EXCEPTIONS)
        self._kind = Bounded(EXCEPTIONS.labels[0])
        self._configured = bool(dsn)
        if dsn:
            _start_tracker(dsn, environment, release, node)

    def capture(self, error: BaseException, message: str = "Unhandled exception") -> None:
        """Count, log and, where a tracker is configured, report `error`; never raises."""
        self._counter.labels(kind=self._kind(type(error).__name__)).inc()
        logger.error(message, exc_info=error)
        if self._configured:
            with sentry_sdk.new_scope() as scope:
                if (request := request_id()) is not None:
                    scope.set_tag("request_id", request)
                sentry_sdk.capture_exception(error)

    def flush(self, timeout: float = 2.0) -> None:
        """Wait up to `timeout` seconds until what was captured has been sent."""
        if self._configured:
            sentry_sdk.flush(timeout)


def _start_tracker(dsn: str, environment: str, release: str, node: str) -> None:
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=release or None,
        server_name=node or None,
        # Nothing is captured by itself: `capture` is the one way in, so nothing is counted twice.
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        before_send=_scrub,
        shutdown_timeout=1,
    )


def _scrub(event: Any, hint: dict[str, Any]) -> Any:  # noqa: ARG001
    return redact(event)
