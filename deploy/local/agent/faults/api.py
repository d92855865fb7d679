"""The four verbs over HTTP. Errors are problem documents."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.schemas.faults import Fault, Renewal
from backend.schemas.problems import MEDIA_TYPE, FieldError, Problem
from deploy.faults.kinds import AGENT, AGENT_INJECTION, KINDS, MODES
from deploy.local.agent.faults.keeper import Keeper
from deploy.local.agent.faults.refusals import FaultError, UnfitError

Handler = Callable[[Request], Awaitable[Response]]
Guarded = Callable[[Handler], Handler]
Acting = Callable[[str, Handler], Handler]
T = TypeVar("T")


def _end_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def on_fault_error(_: Request, error: Exception) -> Response:
    """Answer a refusal."""
    known = error if isinstance(error, FaultError) else FaultError(str(error))
    errors = error.errors if isinstance(error, UnfitError) else []
    problem = Problem(title=known.title, status=known.status, detail=str(error), errors=errors)
    body = problem.model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, problem.status, media_type=MEDIA_TYPE)


def _json(shape: BaseModel, status: int = 200, after: BackgroundTask | None = None) -> Response:
    return Response(
        shape.model_dump_json(), status, media_type="application/json", background=after
    )


async def _parse(request: Request, parse: Callable[[bytes], T]) -> T:
    """Read the body.

    Raises:
        UnfitError: names each field that does not fit.
    """
    try:
        return parse(await request.body())
    except ValidationError as error:
        raise UnfitError([_field(each) for each in error.errors()]) from error


class FaultApi:
    """The routes over one keeper, whose calls block and so run in threads."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    def routes(self, guarded: Guarded, acting: Acting) -> list[Route]:
        """Return them; `guarded` asks for the token, `acting` counts what is done, too."""
        inject, renew = acting("inject", self.inject), acting("renew", self.renew)
        revert, revert_all = acting("revert", self.revert), acting("revert", self.revert_all)
        return [
            Route("/v1/faults", inject, methods=["POST"]),
            Route("/v1/faults", guarded(self.read_back), methods=["GET"]),
            Route("/v1/faults", revert_all, methods=["DELETE"]),
            Route("/v1/faults/{id}", revert, methods=["DELETE"]),
            Route("/v1/faults/{id}/renewal", renew, methods=["POST"]),
        ]

    async def inject(self, request: Request) -> Response:
        injection = await _parse(request, AGENT_INJECTION.validate_json)
        fault, fresh = await asyncio.to_thread(self.keeper.inject, injection)
        return _json(fault, 201 if fresh else 200, _afterwards(fault) if fresh else None)

    async def renew(self, request: Request) -> Response:
        renewal = await _parse(request, _renewal)
        fault_id = request.path_params["id"]
        return _json(await asyncio.to_thread(self.keeper.renew, fault_id, renewal.lease_seconds))

    async def revert(self, request: Request) -> Response:
        await asyncio.to_thread(self.keeper.revert, request.path_params["id"])
        return Response(status_code=204)

    async def revert_all(self, _: Request) -> Response:
        return _json(await asyncio.to_thread(self.keeper.revert_all))

    async def read_back(self, _: Request) -> Response:
        return _json(await asyncio.to_thread(self.keeper.read_back))


def _renewal(body: bytes) -> Renewal:
    return Renewal.model_validate_json(body or b"{}")


def _afterwards(fault: Fault) -> BackgroundTask | None:
    """The agent ends itself only once it has said so."""
    return BackgroundTask(_end_self) if fault.target == AGENT else None


def _field(error: ErrorDetails) -> FieldError:
    """Name the field as the caller wrote it, without the kind and the mode that chose the shape."""
    place = [str(part) for part in error["loc"] if part not in (*KINDS, *MODES)]
    whole = "kind" if error["type"].startswith("union_tag") else "body"
    return FieldError(field=".".join(place) or whole, message=error["msg"])
