"""The way to the error tracker: Sentry's protocol, off the caller's path and bounded.

Reports wait in a queue of 50 for a thread that sends them; what finds it full,
or is not taken, is dropped and counted. A report carries no request body, no
headers, no local variables: those may hold personal data. What is left is
redacted as log lines are.

Source of the events' shape: https://develop.sentry.dev/sdk/data-model/event-payloads/
"""

import atexit
import logging
from typing import Any, cast

import sentry_sdk
from prometheus_client import Counter
from sentry_sdk.transport import HttpTransport
from sentry_sdk.utils import BadDsn, event_from_exception

from backend.observability.breadcrumbs import Trails
from backend.observability.context import request_id, span_id, trace_id
from backend.observability.redaction import redact

logger = logging.getLogger(__name__)

QUEUE = 50
FLUSH_SECONDS = 2.0


class _Transport(HttpTransport):
    """Counts each report once, by what became of it, and says when that changes."""

    TIMEOUT = 3  # seconds; a tracker that hangs holds up one report so long, and no caller
    reports: Counter | None = None
    _taken = True

    def _get_pool_options(self) -> dict[str, Any]:
        # No retries: the next report is one, and an outage would be logged four times over.
        return {**super()._get_pool_options(), "retries": False}

    def on_dropped_event(self, _reason: str) -> None:
        self._count("dropped")
        if self._taken:
            self._taken = False
            logger.warning("The error tracker does not take reports (%s): dropping them", _reason)

    def _handle_response(self, response: Any, envelope: Any) -> None:
        super()._handle_response(response, envelope)
        if 200 <= response.status < 300:
            self._count("sent")
            self._taken = True

    def _count(self, outcome: str) -> None:
        if self.reports is not None:
            self.reports.labels(outcome=outcome).inc()


class Tracker:
    """One process's reports, to one project of one tracker."""

    def __init__(
        self, dsn: str, *, environment: str, release: str, node: str, reports: Counter
    ) -> None:
        """Raises ValueError for what is no DSN."""
        try:
            self._client = _client(dsn, environment, release, node)
        except BadDsn as error:
            raise ValueError(
                f"PHAROS_SENTRY_DSN is not an address such as http://KEY@HOST/PROJECT ({error})"
            ) from error
        self._transport = cast(_Transport, self._client.transport)
        self._transport.reports = reports
        self._trails = Trails()
        logging.getLogger().addHandler(self._trails)
        atexit.register(self.close)

    def report(self, error: BaseException, route: str | None) -> str | None:
        """Hand `error` over; return the event's id, or None when it is dropped at once."""
        if not self._transport.is_healthy():
            self._transport.on_dropped_event("it is behind")
            return None
        event, hint = event_from_exception(
            error,
            client_options=self._client.options,
            mechanism={"type": "pharos", "handled": False},
        )
        more = {"breadcrumbs": {"values": self._trails.here()}, **_whereabouts(route)}
        return self._client.capture_event({**event, **more}, hint=hint)  # type: ignore[typeddict-item]

    def flush(self, timeout: float) -> None:
        """Wait up to `timeout` seconds until the queue is empty."""
        self._client.flush(timeout)

    def close(self) -> None:
        """Send what waits, for two seconds at most, and keep no more lines."""
        atexit.unregister(self.close)
        logging.getLogger().removeHandler(self._trails)
        self._client.close(FLUSH_SECONDS)


def _client(dsn: str, environment: str, release: str, node: str) -> "sentry_sdk.Client":
    return sentry_sdk.Client(
        dsn=dsn,
        environment=environment,
        release=release or None,
        server_name=node or None,
        transport=_Transport,
        transport_queue_size=QUEUE,
        # Nothing is captured by itself: `report` is the one way in, so nothing is sent twice.
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_client_reports=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        before_send=_scrub,
    )


def _whereabouts(route: str | None) -> dict[str, Any]:
    """Return the fields that lead from an event to its request's log lines and trace."""
    fields: dict[str, Any] = {"transaction": route} if route else {}
    if (request := request_id()) is not None:
        fields["tags"] = {"request_id": request}
    if (trace := trace_id()) is not None:
        fields["contexts"] = {"trace": {"trace_id": trace, "span_id": span_id()}}
    return fields


def _scrub(event: Any, hint: dict[str, Any]) -> Any:  # noqa: ARG001
    return redact(event)
