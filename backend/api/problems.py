"""The edge's one table from what went wrong to the answer (RFC 9457)."""

import logging
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route

from backend.domain.errors import (
    BadCursorError,
    DependencyUnavailableError,
    DuplicateEmailError,
    IdempotencyMisuseError,
    PharosError,
    UnknownUserError,
    UnstorableEventError,
)
from backend.observability.context import request_id
from backend.schemas.problems import MEDIA_TYPE, FieldError, Problem, field_errors

logger = logging.getLogger(__name__)

TYPE_PREFIX = "urn:pharos:problem:"
# Where the framework found what is wrong; no part of a field's name.
PLACES = frozenset({"body", "query", "path", "header"})


class RequestRefusedError(PharosError):
    """The request itself cannot be taken: `slug` names why, `errors` the fields."""

    def __init__(
        self,
        status: HTTPStatus,
        slug: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.errors = list(errors)
        self.headers = dict(headers or {})


# Error → status, slug of the problem's type, the field that it is always about.
EXPECTED: dict[type[PharosError], tuple[HTTPStatus, str, str | None]] = {
    UnknownUserError: (HTTPStatus.NOT_FOUND, "unknown-user", None),
    DuplicateEmailError: (HTTPStatus.CONFLICT, "duplicate-email", "email"),
    IdempotencyMisuseError: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "Idempotency-Key",
    ),
    BadCursorError: (HTTPStatus.UNPROCESSABLE_ENTITY, "bad-cursor", "cursor"),
    UnstorableEventError: (HTTPStatus.UNPROCESSABLE_ENTITY, "unstorable-event", None),
}


def problem(
    status: HTTPStatus,
    slug: str | None,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer; without a slug the type is about:blank, as the RFC has it."""
    document = Problem(
        type=f"{TYPE_PREFIX}{slug}" if slug else "about:blank",
        title=status.phrase,
        status=status,
        detail=detail,
        request_id=request_id(),
        errors=list(errors),
    )
    return Response(
        document.model_dump_json(exclude_none=True),
        status,
        headers={**(headers or {}), "content-type": MEDIA_TYPE},
    )


def internal_error() -> Response:
    """Return the answer to an exception that nobody expected; it tells nothing but the id."""
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        "Something went wrong on our side. The request id finds what it was.",
    )


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""
    handlers: dict[Any, Any] = {
        PharosError: _expected,
        DependencyUnavailableError: _unavailable,
        RequestRefusedError: _refused,
        RequestValidationError: _invalid,
        HTTPException: _http,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _expected(request: Request, error: PharosError) -> Response:  # noqa: ARG001
    if type(error) not in EXPECTED:
        raise error
    status, slug, always = EXPECTED[type(error)]
    field = error.field or always
    errors = [FieldError(field=field, message=str(error))] if field else []
    return problem(status, slug, str(error), errors=errors)


async def _unavailable(request: Request, error: DependencyUnavailableError) -> Response:  # noqa: ARG001
    logger.warning(
        "Answered without %s: %s",
        error.dependency,
        error,
        extra={"event.action": "dependency-unavailable", "pharos.cause": repr(error.__cause__)},
    )
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "dependency-unavailable",
        f"{error} Try again later.",
        headers={"retry-after": str(max(1, math.ceil(error.retry_after)))},
    )


async def _refused(request: Request, error: RequestRefusedError) -> Response:  # noqa: ARG001
    return problem(
        error.status,
        error.slug,
        str(error),
        errors=error.errors,
        headers=error.headers,
    )


async def _invalid(request: Request, error: RequestValidationError) -> Response:  # noqa: ARG001
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        "The request is not valid: `errors` names what to change.",
        errors=field_errors(error.errors(), PLACES),
    )


async def _http(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    detail = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method: see Allow.",
    }.get(status, str(error.detail))
    headers = error.headers
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"allow": ", ".join(_methods(request))}
    return problem(status, None, detail, headers=headers)


def _methods(request: Request) -> list[str]:
    """Return the methods of all routes of this path; the framework names those of the first."""
    routes: Sequence[Route] = request.app.state.routes
    matching = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in matching for method in route.methods or ()})


async def _unexpected(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return internal_error()
