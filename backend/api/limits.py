"""No body larger than the limit is ever held in memory, whatever its headers say."""

from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.problems import RequestRefusedError, problem

# What CloudEvents 1.0 asks everybody to take. The worker holds 200 events at a time, and
# PostgreSQL writes a number such as 1e308 out: what is stored may be fifty times as large.
MAX_BODY_BYTES = 64 * 1024
_DETAIL = f"A body may have {MAX_BODY_BYTES} bytes at most."
# The rest of the body is not read, so the connection is of no further use.
_CLOSE = {"connection": "close"}


class BodyLimit:
    """Refuses a declared length at once, and an undeclared one when it is passed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            refusal = problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "body-too-large",
                _DETAIL,
                headers=_CLOSE,
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, _counted(receive), send)


def _counted(receive: Receive) -> Receive:
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MAX_BODY_BYTES:
            raise RequestRefusedError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", _DETAIL, headers=_CLOSE
            )
        return message

    return counted
