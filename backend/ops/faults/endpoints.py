"""The fault port: four verbs over HTTP, for whoever has the fault token.

Without a token there is no such port, and says so. It is served from the ops
port's thread: no fault reaches it.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backend.ops.faults.errors import (
    FaultConflictError,
    FaultError,
    FaultsForbiddenError,
    FaultsHaltedError,
    UnknownFaultError,
    UnservedFaultError,
)
from backend.ops.faults.registry import FaultRegistry
from backend.ops.problems import problem
from backend.schemas.faults import Renewal, Reverted
from backend.schemas.problems import FieldError, field_errors
from backend.schemas.replica_faults import KINDS, ReplicaInjection

Handler = Callable[[Request], Awaitable[Response]]

INJECTION: TypeAdapter[ReplicaInjection] = TypeAdapter(ReplicaInjection)
# An answer to a revert waits this long, for read-back to be clean right after it.
UNDONE_SECONDS = 2.0

EXPECTED: dict[type[FaultError], tuple[HTTPStatus, str]] = {
    FaultsForbiddenError: (HTTPStatus.FORBIDDEN, "faults-forbidden"),
    FaultsHaltedError: (HTTPStatus.CONFLICT, "faults-halted"),
    UnknownFaultError: (HTTPStatus.NOT_FOUND, "unknown-fault"),
    FaultConflictError: (HTTPStatus.CONFLICT, "fault-conflict"),
}


class FaultPort:
    def __init__(self, faults: FaultRegistry, token: str) -> None:
        self._faults = faults
        self._token = token.encode()

    def routes(self) -> list[Route]:
        """Return the routes for an app that answers HTTPException with problem documents."""
        one = "/v1/faults/{fault_id}"
        verbs: list[tuple[str, Handler, str]] = [
            ("/v1/faults", self.inject, "POST"),
            ("/v1/faults", self.read, "GET"),
            ("/v1/faults", self.revert_all, "DELETE"),
            (f"{one}/renewal", self.renew, "POST"),
            (one, self.revert, "DELETE"),
        ]
        return [Route(path, self._guarded(verb), methods=[method]) for path, verb, method in verbs]

    async def inject(self, request: Request) -> Response:
        fault, new = self._faults.inject(INJECTION.validate_json(await request.body()))
        return _json(fault, HTTPStatus.CREATED if new else HTTPStatus.OK)

    async def renew(self, request: Request) -> Response:
        wanted = Renewal.model_validate_json(await request.body() or b"{}")
        return _json(self._faults.renew(request.path_params["fault_id"], wanted.lease_seconds))

    async def revert(self, request: Request) -> Response:
        fault_id: str = request.path_params["fault_id"]
        self._faults.revert(fault_id)
        await self._undone([fault_id])
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def revert_all(self, request: Request) -> Response:  # noqa: ARG002
        reverted = self._faults.revert_all()
        await self._undone(reverted)
        return _json(Reverted(reverted=reverted))

    async def read(self, request: Request) -> Response:  # noqa: ARG002
        return _json(self._faults.read())

    async def _undone(self, fault_ids: Collection[str]) -> None:
        # In a thread, for probes are answered meanwhile; read-back tells what it did not see.
        await asyncio.to_thread(self._faults.undone, fault_ids, UNDONE_SECONDS)

    def _guarded(self, verb: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            refusal = self._refusal(request)
            if refusal is not None:
                return refusal
            try:
                return await verb(request)
            except ValidationError as error:
                return _invalid(field_errors(error.errors(), KINDS))
            except FaultError as error:
                return _expected(error)

        return guarded

    def _refusal(self, request: Request) -> Response | None:
        if not self._token:
            return problem(
                HTTPStatus.NOT_FOUND,
                "There is no fault port here: this process was started without a fault_token.",
            )
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = hmac.compare_digest(token.strip().encode(), self._token)
        if scheme.lower() == "bearer" and known:
            return None
        return problem(
            HTTPStatus.UNAUTHORIZED,
            "Faults need the fault token: Authorization: Bearer <token>.",
            "unauthorized",
            headers={"www-authenticate": 'Bearer realm="pharos faults"'},
        )


def _json(shape: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(shape.model_dump_json(), status, media_type="application/json")


def _invalid(errors: list[FieldError]) -> Response:
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The fault is not valid: `errors` names what to change.",
        "invalid-fault",
        errors=errors,
    )


def _expected(error: FaultError) -> Response:
    if isinstance(error, UnservedFaultError):
        return _invalid([FieldError(field=error.field, message=str(error))])
    status, slug = EXPECTED[type(error)]
    return problem(status, str(error), slug)
