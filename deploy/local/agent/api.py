"""The agent's API: status, counts, restarts, replicas put aside, faults. Errors are problems."""

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.observability.metrics import Instruments
from backend.observability.vitals import vitals
from backend.schemas.problems import MEDIA_TYPE, Problem
from deploy.driver import (
    LONGEST_DRAIN,
    AlreadyAsideError,
    AsideKind,
    CountOutOfBoundsError,
    DriverError,
    DriverUnavailableError,
    LastReplicaError,
    Note,
    StaleTargetError,
    UnknownTargetError,
)
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.agent.faults.api import FaultApi, on_fault_error
from deploy.local.agent.faults.refusals import FaultError
from deploy.local.agent.gauges import Gauges
from deploy.local.agent.interventions import Interventions
from deploy.local.agent.polls import Polls
from deploy.local.agent.restarts import restart
from deploy.local.processes import Identity
from deploy.local.specs import running
from deploy.local.supervisor import Supervisor
from deploy.local.wanted import ROLES, SEATS_BY_ID, write_wanted
from deploy.secrets import read_secret

STATUS_OF: dict[type[Exception], tuple[int, str]] = {
    UnknownTargetError: (404, "No such target"),
    StaleTargetError: (409, "The process is another one by now"),
    LastReplicaError: (409, "The last ready replica"),
    AlreadyAsideError: (423, "Put aside by somebody"),
    CountOutOfBoundsError: (422, "Count out of bounds"),
    DriverUnavailableError: (503, "The supervisor is away"),
    ValidationError: (422, "The body does not fit"),
    ValueError: (422, "The body is no JSON"),
}
logger = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]


class CountRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    count: int


class AsideRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: AsideKind
    note: Note
    seconds: float | None = Field(default=None, gt=0, le=LONGEST_DRAIN, allow_inf_nan=False)


class RestartRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    expected_pid: int


def _problem(status: int, title: str, detail: str, **headers: str) -> Response:
    body = Problem(title=title, status=status, detail=detail).model_dump(exclude_none=True)
    return JSONResponse(body, status, headers, MEDIA_TYPE)


async def _on_error(_: Request, error: Exception) -> Response:
    status, title = next(
        (found for kind, found in STATUS_OF.items() if isinstance(error, kind)),
        (500, "The action failed"),
    )
    return _problem(status, title, str(error))


class AgentApi:
    """The routes over one stack's board."""

    def __init__(
        self,
        home: Home,
        board: Board,
        gauges: Gauges,
        instruments: Instruments,
        interventions: Interventions,
    ) -> None:
        self._home = home
        self.interventions = interventions
        self._board = board
        self._gauges = gauges
        self.instruments = instruments
        self._token = read_secret(home.keys, "agent_token")

    def routes(self) -> list[Route]:
        put_aside = self._acting("put-aside", self.put_aside)
        release = self._acting("release", self.release)
        restart = self._acting("restart", self.restart)
        return [
            Route("/livez", self.livez),
            Route("/metrics", self.metrics),
            Route("/v1/status", self._guarded(self.status)),
            Route("/v1/roles", self._guarded(self.roles)),
            Route("/v1/roles/{role}/count", self._acting("scale", self.scale), methods=["PUT"]),
            Route("/v1/replicas/{id}/restart", restart, methods=["POST"]),
            Route("/v1/replicas/{id}/aside", put_aside, methods=["PUT"]),
            Route("/v1/replicas/{id}/aside", release, methods=["DELETE"]),
            *FaultApi(self.interventions.keeper).routes(self._guarded, self._acting),
        ]

    async def livez(self, _: Request) -> Response:
        return JSONResponse({"status": "ready", "version": version("pharos")})

    async def metrics(self, request: Request) -> Response:
        body, content_type = self.instruments.exposition(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": content_type})

    async def status(self, _: Request) -> Response:
        return Response(self._board.status().model_dump_json(), media_type="application/json")

    async def roles(self, _: Request) -> Response:
        counts = self._board.wanted.counts
        return JSONResponse(
            {
                role: {"desired": counts[role], **bounds.model_dump()}
                for role, bounds in ROLES.items()
            }
        )

    async def scale(self, request: Request) -> Response:
        role = request.path_params["role"]
        count = CountRequest.model_validate(await request.json()).count
        if role not in ROLES:
            raise UnknownTargetError(f"there is no role {role}: known are {', '.join(ROLES)}")
        bounds = ROLES[role]
        if not bounds.minimum <= count <= bounds.maximum:
            raise CountOutOfBoundsError(
                f"{role} runs with {bounds.minimum} to {bounds.maximum} replicas, not {count}"
            )
        if not await asyncio.to_thread(Supervisor(self._home).answers):
            raise DriverUnavailableError(
                "the supervisor is gone, so no replica can be added or removed: run `pharos up`"
            )
        write_wanted(self._home, self._board.wanted.with_count(role, count))
        return JSONResponse({"role": role, "desired": count}, 202)

    async def restart(self, request: Request) -> Response:
        replica = request.path_params["id"]
        asked = RestartRequest.model_validate(await request.json())
        if not restart(self._expected(replica, asked.expected_pid), replica, logger.warning):
            raise StaleTargetError(f"{replica} ended meanwhile")
        return JSONResponse({"id": replica, "pid": asked.expected_pid}, 202)

    def _expected(self, replica: str, pid: int) -> Identity:
        record = running(self._home, replica) if replica in SEATS_BY_ID else None
        if replica not in {seat.id for seat in self._board.wanted.seats()}:
            raise UnknownTargetError(f"there is no replica {replica}")
        if record is None or record.identity.pid != pid:
            now = f"runs as {record.identity.pid}" if record else "does not run"
            raise StaleTargetError(f"{replica} {now}, not as {pid}")
        return record.identity

    async def put_aside(self, request: Request) -> Response:
        name = request.path_params["id"]
        asked = AsideRequest.model_validate(await request.json())
        self.interventions.aside.put(name, asked.kind, asked.note, asked.seconds)
        return JSONResponse({"id": name, "aside": asked.kind})

    async def release(self, request: Request) -> Response:
        name = request.path_params["id"]
        self.interventions.aside.lift(name)
        return JSONResponse({"id": name, "aside": None})

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return _problem(
                    401, "Not signed in", "give the agent's token", **{"www-authenticate": "Bearer"}
                )
            return await handler(request)

        return guarded

    def _acting(self, action: str, handler: Handler) -> Handler:
        async def acting(request: Request) -> Response:
            try:
                answer = await handler(request)
            except (DriverError, FaultError, ValueError):
                self._gauges.count(action, "refused")
                raise
            except Exception:
                self._gauges.count(action, "failed")
                raise
            self._gauges.count(action, "done")
            return answer

        return self._guarded(acting)


def create_app(api: AgentApi, polls: Polls) -> Starlette:
    """Return the app; the polls live as long as it does."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with vitals(api.instruments):
            await asyncio.to_thread(api.interventions.keeper.start)
            await polls.start()
            yield
            await asyncio.to_thread(api.interventions.keeper.stop)
            await polls.stop()

    handlers: dict[Any, Any] = {
        DriverError: _on_error,
        FaultError: on_fault_error,
        ValueError: _on_error,
        Exception: _on_error,
    }
    return Starlette(routes=api.routes(), lifespan=lifespan, exception_handlers=handlers)
