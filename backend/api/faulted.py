"""Lets injected faults reach the requests that they select; in the way only while there are any.

It is within what observes requests, so that a fault is measured, logged and
reported as the real failure would be.
"""

from collections.abc import Awaitable, Sequence
from functools import partial
from http import HTTPStatus

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.problems import problem
from backend.observability.requests import UNMATCHED
from backend.ops.faults.requests import Call, InjectedStatusError, RequestFaults


class Faulted:
    """Wraps the app whose routes are `routes`."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route], faults: RequestFaults) -> None:
        self._app = app
        self._routes = routes
        self._faults = faults

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Not a coroutine of its own: that would cost each request more than the look does.
        if not self._faults.active or scope["type"] != "http":
            return self._app(scope, receive, send)
        return self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._call(scope, receive, send)()
        except InjectedStatusError as error:
            status = HTTPStatus(error.status)
            await problem(status, "injected-fault", str(error))(scope, receive, send)

    def _call(self, scope: Scope, receive: Receive, send: Send) -> Call:
        """Return what answers the request: the app, within the faults that hit it."""
        template = self._template(scope)
        call: Call = partial(self._app, scope, receive, send)
        for fault in reversed(self._faults.active):
            if fault.hits(template):
                call = partial(fault.around, call)
        return call

    def _template(self, scope: Scope) -> str:
        for route in self._routes:
            if route.matches(scope)[0] is Match.FULL:
                # For the metrics of a request that never gets as far as the router.
                scope["route"] = route
                return route.path
        return UNMATCHED
