"""What a request may end with that is nobody's bug: it is no exception of ours."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import problems
from backend.api.observed import Observed, Watch
from backend.observability.catalogue import Process
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from backend.observability.spans import Unrecorded
from console.control.middleware import Observed as ControlObserved

Wrap = Callable[[ASGIApp, Instruments, ErrorReports], ASGIApp]


def _api(app: ASGIApp, instruments: Instruments, errors: ErrorReports) -> ASGIApp:
    framework = FastAPI()
    framework.mount("", app)
    problems.install(framework)
    return Observed(framework, Watch(instruments, errors, lambda: False))


def _control(app: ASGIApp, instruments: Instruments, errors: ErrorReports) -> ASGIApp:
    return ControlObserved(app, instruments, errors, Unrecorded())


EDGES: dict[str, tuple[Process, Wrap]] = {
    "api": (Process.API, _api),
    "control": (Process.CONTROL, _control),
}


async def _request(edge: str, error: Exception) -> tuple[list[Message], str]:
    """Return what was sent to the client when the app raised `error`, and the metrics."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    process, wrap = EDGES[edge]
    instruments = Instruments(process, "1")
    scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b""}
    await wrap(app, instruments, ErrorReports(instruments))(scope, receive, send)
    return sent, instruments.exposition()[0].decode()


@pytest.mark.parametrize("edge", EDGES)
async def test_a_client_that_leaves_is_neither_an_exception_nor_a_failure(edge: str) -> None:
    _, metrics = await _request(edge, ClientDisconnect())
    assert "pharos_exceptions_total{" not in metrics
    assert 'status="499"} 1.0' in metrics
    assert 'status="500"' not in metrics


@pytest.mark.parametrize("edge", EDGES)
async def test_a_bug_is_an_exception_and_answered(edge: str) -> None:
    sent, metrics = await _request(edge, KeyError("row"))
    assert sent[0]["status"] == 500
    assert 'pharos_exceptions_total{kind="KeyError"} 1.0' in metrics
