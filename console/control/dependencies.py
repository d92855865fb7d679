"""What a route asks for: the services, and an actor with the right to call it.

What only computes is `async`: each plain function costs a hop to a thread.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from console.access_schemas import Scope
from console.control.browser import SAFE_METHODS
from console.control.errors import NotAllowedError, NotSignedInError
from console.control.services.actors import Actor, require
from console.control.services.audit_log import Deed
from console.control.wiring import Control

BEARER = "bearer "
LONGEST_TARGET = 200
FOREIGN = (
    "This request did not come from the console's own pages. Send the session as a bearer token, "
    "or set the header X-Pharos-Client."
)


async def control_of(request: Request) -> Control:
    return cast(Control, request.app.state.control)


ControlDep = Annotated[Control, Depends(control_of)]


def bearer(request: Request) -> str | None:
    """Return the token of the Authorization header; null when it holds none."""
    header = request.headers.get("authorization", "")
    return header[len(BEARER) :].strip() if header.lower().startswith(BEARER) else None


async def credential(request: Request, control: ControlDep) -> str | None:
    """Return the token or session that came along; the header goes before the cookie.

    Raises:
        NotAllowedError: an unsafe request has only a cookie, which any page could send.
    """
    token = bearer(request)
    if token is not None:
        return token
    cookie = request.cookies.get(control.settings.cookie)
    if cookie and not control.neighbourhood.may_use_cookie(request.method, request.headers):
        await run_in_threadpool(_write_down_foreign, control, cookie, request)
        raise NotAllowedError(FOREIGN)
    return cookie


CredentialDep = Annotated[str | None, Depends(credential)]


def actor_of(given: CredentialDep, control: ControlDep) -> Actor:
    return control.actors.find(given)


AnyActor = Annotated[Actor, Depends(actor_of)]


def _with(scope: Scope) -> Callable[[Actor, Request, Control], Awaitable[Actor]]:
    async def actor_with_scope(actor: AnyActor, request: Request, control: ControlDep) -> Actor:
        try:
            require(actor, scope)
        except NotAllowedError as error:
            if request.method not in SAFE_METHODS:  # what was only to be read is no deed
                deed = _refused(actor, request, "asked for without the right")
                await run_in_threadpool(control.audit.record, deed, "refused", str(error))
            raise
        return actor

    return actor_with_scope


def _refused(actor: Actor, request: Request, reason: str) -> Deed:
    target = f"{request.method} {request.url.path}"[:LONGEST_TARGET]
    return Deed(actor.name, "not-allowed", target, reason)


def _write_down_foreign(control: Control, cookie: str, request: Request) -> None:
    """Write down in whose name another page has tried; a cookie that nobody has is nobody's."""
    try:
        actor = control.actors.find(cookie)
    except NotSignedInError:
        return
    deed = _refused(actor, request, "asked for by another page, with their cookie")
    control.audit.record(deed, "refused", FOREIGN)


Viewer = Annotated[Actor, Depends(_with("viewer"))]
Operator = Annotated[Actor, Depends(_with("operator"))]
Admin = Annotated[Actor, Depends(_with("admin"))]
Minter = Annotated[Actor, Depends(_with("mint"))]
MetricsReader = Annotated[Actor, Depends(_with("metrics"))]
Webhook = Annotated[Actor, Depends(_with("webhook"))]

Limit = Annotated[int, Query(ge=1, le=500)]
