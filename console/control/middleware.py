"""What every request goes through: its id, its figures, its log line, and the last catch."""

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.observability.context import working_on
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from backend.observability.requests import (
    CLIENT_LEFT,
    METHODS,
    OTHER_METHOD,
    UNMATCHED,
    Requests,
)
from backend.observability.spans import Spans
from console.control.problems import unexpected

log = logging.getLogger(__name__)

REQUEST_ID = re.compile(r"[\w.-]{1,128}")
# Asked every few seconds by machines: counted, not written down.
QUIET = frozenset({"/livez", "/readyz", "/metrics"})


class Observed:
    """Pure ASGI: no task and no copy of the body for each request."""

    def __init__(
        self, app: ASGIApp, instruments: Instruments, errors: ErrorReports, spans: Spans
    ) -> None:
        self._app = app
        self._errors = errors
        self._spans = spans
        self._requests = Requests(instruments, log, QUIET)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request = given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        span = self._spans.start("server", headers.get("traceparent"))
        with working_on(request, span.traceparent):
            status = await self._observe(scope, receive, send, request)
        told = {"http.request.method": _method(scope), "http.route": _route(scope)}
        name = " ".join(told.values())
        span.end(name, told | {"http.response.status_code": status}, failed=status >= 500)

    async def _observe(self, scope: Scope, receive: Receive, send: Send, request: str) -> int:
        """Answer and return the status; CLIENT_LEFT if the answer was never begun."""
        begin, status = time.perf_counter(), 0
        self._requests.in_flight.inc()

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request
            await send(message)

        try:
            await self._app(scope, receive, observed_send)
        except ClientDisconnect:
            log.debug("the client left before its request was whole")
        except Exception as error:  # noqa: BLE001 (the last catch: reported and answered)
            self._errors.capture(error, route=f"{_method(scope)} {_route(scope)}")
            if not status:
                await unexpected()(scope, receive, observed_send)
        finally:
            self._requests.in_flight.dec()
            seconds = time.perf_counter() - begin
            status = status or CLIENT_LEFT
            self._requests.answered(_route(scope), _method(scope), status, seconds, {})
        return status


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", UNMATCHED))


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else OTHER_METHOD
