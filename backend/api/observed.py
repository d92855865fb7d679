"""The outermost layer: request id, metrics by route template, one log line a request.

Pure ASGI, for it runs on every request. Routes appear by their template, all
unmatched paths as one value and all unknown methods as `_OTHER`, so that no
caller can add series.
"""

import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.problems import internal_error
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
from backend.observability.spans import Span, Spans, Unrecorded

logger = logging.getLogger(__name__)

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@dataclass(frozen=True, slots=True)
class Watch:
    """What looks at every request: metrics, error reports, and whether this process is leaving."""

    instruments: Instruments
    errors: ErrorReports
    draining: Callable[[], bool]
    spans: Spans = field(default_factory=Unrecorded)


class Answer:
    """What was sent so far, seen on its way out; adds the request's id and, at the end, close."""

    __slots__ = ("_headers", "_send", "size", "status")

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0
        self.size = 0

    def send(self, message: Message) -> Awaitable[None]:
        # Not a coroutine of its own: that would cost each request more than what is done here.
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers]
        else:
            self.size += len(message.get("body", b""))
        return self._send(message)


class Observed:
    """Wraps the whole app, its error answers included."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self._app = app
        self._errors = watch.errors
        self._draining = watch.draining
        self._spans = watch.spans
        self._requests = Requests(watch.instruments, logger)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = dict(scope["headers"])
        request = _request_id(headers)
        answer = Answer(send, self._answer_headers(request))
        self._requests.in_flight.inc()
        span = self._spans.start("server", _traceparent(headers))
        with working_on(request, span.traceparent):
            try:
                await self._app(scope, receive, answer.send)
            except ClientDisconnect:
                # Nobody is left to answer, and it is no error of ours: though the framework,
                # through whose hands it went, has made it a 500 that reached nobody.
                answer.status = answer.size = 0
                logger.debug("The client left before its request was whole")
            except Exception as error:  # noqa: BLE001  reported and answered: nothing is above us
                self._errors.capture(error, route=f"{_method(scope)} {_route(scope)}")
                if not answer.status:
                    await internal_error()(scope, receive, answer.send)
            finally:
                self._requests.in_flight.dec()
                self._record(scope, answer, time.perf_counter() - began, span)

    def _answer_headers(self, request: str) -> list[tuple[bytes, bytes]]:
        headers = [(b"x-request-id", request.encode())]
        if self._draining():
            # Whoever keeps connections to us learns to open the next one elsewhere.
            headers.append((b"connection", b"close"))
        return headers

    def _record(self, scope: Scope, answer: Answer, seconds: float, span: Span) -> None:
        route, method = _route(scope), _method(scope)
        # Without a status the answer was never begun: the client or this process went away.
        status = answer.status or CLIENT_LEFT
        if span.recording:
            told: dict[str, str | int] = {"http.request.method": method, "http.route": route}
            told["http.response.status_code"] = status
            span.end(f"{method} {route}", told, failed=status >= 500)
        line = {"http.response.body.bytes": answer.size, "url.path": scope["path"]}
        self._requests.answered(route, method, status, seconds, line)


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", None) or UNMATCHED


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else OTHER_METHOD


def _request_id(headers: dict[bytes, bytes]) -> str:
    offered = headers.get(b"x-request-id", b"").decode("latin-1")
    return offered if _SANE_ID.fullmatch(offered) else str(uuid4())


def _traceparent(headers: dict[bytes, bytes]) -> str | None:
    offered = headers.get(b"traceparent")
    return offered.decode("latin-1") if offered else None
