"""The ops port's error answers: problem documents, as everywhere."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.responses import Response

from backend.schemas.problems import MEDIA_TYPE, FieldError, Problem

TYPE_PREFIX = "urn:pharos:problem:"


def problem(
    status: int,
    detail: str,
    slug: str | None = None,
    *,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer; without a slug the type is about:blank, as the RFC has it."""
    document = Problem(
        type=f"{TYPE_PREFIX}{slug}" if slug else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        errors=list(errors),
    )
    body = document.model_dump_json(exclude_none=True)
    return Response(body, status, headers, media_type=MEDIA_TYPE)
