"""Says errors in HTTP: the one translation of everything that goes wrong (RFC 9457)."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from backend.observability.context import request_id
from backend.schemas.problems import MEDIA_TYPE, FieldError, Problem
from console.control import errors

# The first class that fits decides.
STATUSES: dict[type[errors.ControlError], tuple[int, str]] = {
    errors.NotSignedInError: (401, "Not signed in"),
    errors.NotAllowedError: (403, "Not allowed"),
    errors.NotFoundError: (404, "Not found"),
    errors.ConflictError: (409, "It is there already"),
    errors.RefusedError: (409, "Refused"),
    errors.InvalidError: (422, "Wrong request"),
    errors.TooManyAttemptsError: (429, "Too many attempts"),
    errors.UnavailableError: (503, "A part does not answer"),
    errors.FailedError: (500, "It did not work"),
}

# What to do about the mistakes that callers make most; others speak for themselves.
REMEDIES = {
    "missing": "is missing: send it",
    "extra_forbidden": "is not known here: leave it out",
    "string_too_short": "needs at least {min_length} characters",
    "string_too_long": "may have {max_length} characters at most",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "json_invalid": "is not valid JSON",
    "greater_than_equal": "must be {ge} or more",
    "value_error": "{error}",
    "less_than_equal": "must be {le} or less",
}


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """Return a problem document; it carries the request's id, under which the log has it."""
    document = Problem(title=title, status=status, detail=detail, request_id=request_id(), **more)
    return Response(document.model_dump_json(exclude_none=True), status, media_type=MEDIA_TYPE)


def unexpected() -> Response:
    """Return the answer to an error that nobody foresaw."""
    return problem(
        500, "Unexpected error", "Something went wrong here: the log has it by the request id."
    )


async def on_control_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, errors.ControlError):
        raise error
    status, title = next(said for kind, said in STATUSES.items() if isinstance(error, kind))
    more: dict[str, Any] = {}
    if isinstance(error, (errors.RefusedError, errors.NotAllowedError)):
        more["refused"] = True
    if isinstance(error, errors.GuardsRefusedError):
        more["guards"] = [each.model_dump() for each in error.guards]
    if isinstance(error, errors.InvalidError):
        more["errors"] = [FieldError(field=error.field, message=str(error))]
    answer = problem(status, title, str(error), **more)
    if isinstance(error, errors.NotSignedInError):
        answer.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooManyAttemptsError):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


async def on_wrong_request(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = [_field_error(mistake) for mistake in error.errors()]
    detail = "; ".join(f"{mistake.field} {mistake.message}" for mistake in found)
    return problem(422, "Wrong request", detail, errors=found)


async def on_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    detail = f"{request.method} {request.url.path}: {error.detail}"
    answer = problem(error.status_code, str(error.detail), detail)
    answer.headers.update(error.headers or {})
    return answer


def _field_error(mistake: dict[str, Any]) -> FieldError:
    """Name the field as the caller wrote it, and never repeat its value: it may be a password."""
    path = [str(part) for part in mistake["loc"][1:]] or ["body"]
    template = REMEDIES.get(mistake["type"])
    message = template.format(**mistake.get("ctx", {})) if template else str(mistake["msg"])
    return FieldError(field=".".join(path), message=message)


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.ControlError, on_control_error)
    app.add_exception_handler(RequestValidationError, on_wrong_request)
    app.add_exception_handler(HTTPException, on_http_error)
