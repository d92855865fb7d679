"""Reads JSON bodies: strict JSON, declared media types, errors that name the field."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from backend.api.problems import RequestRefusedError
from backend.domain.documents import places
from backend.schemas.events import CloudEvent
from backend.schemas.problems import FieldError, field_errors
from backend.schemas.users import UserCreate, UserUpdate

Body = TypeVar("Body", bound=BaseModel)

JSON = "application/json"
CLOUD_EVENT = "application/cloudevents+json"

# Whatever is accepted must be readable for all who come after, and the worker's parser
# gives up at 200 levels.
MAX_DEPTH = 100

# What the parser keeps exactly; an integer outside becomes a double.
LEAST_INTEGER, MOST_INTEGER = -(2**63), 2**64 - 1
_DIGITS_WORTH_A_LOOK = re.compile(rb"\d{19,}")


@dataclass(frozen=True, slots=True)
class PostedEvent:
    """An event's checked attributes, and the whole document as it came.

    Numbers with a fraction or an exponent are IEEE doubles, as everywhere in JSON.
    """

    event: CloudEvent
    document: dict[str, Any]


async def read_document(request: Request, *accepted: str) -> Any:
    """Return the body's JSON value.

    Raises:
        RequestRefusedError: 415 for another media type, 400 for what is not JSON,
            422 for what is nested too deeply, or an integer that would be rounded.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in accepted:
        raise RequestRefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            f"Send the body as {' or '.join(accepted)}.",
            headers={"accept": ", ".join(accepted)},
        )
    body = await request.body()
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestRefusedError(
            HTTPStatus.BAD_REQUEST,
            "malformed-json",
            "The body is not JSON.",
            errors=[FieldError(field="body", message=str(error))],
        ) from error
    # Counting brackets is enough for nearly every body, and costs nearly nothing.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_deeper(document, MAX_DEPTH):
        raise RequestRefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "nested-too-deeply",
            f"The body may be nested {MAX_DEPTH} levels deep at most.",
        )
    if _DIGITS_WORTH_A_LOOK.search(body):
        _refuse_rounded(body)
    return document


def _is_deeper(document: Any, levels: int) -> bool:
    layer = [document]
    for _ in range(levels):
        layer = [inner for outer in layer for inner in _inside(outer)]
    return any(isinstance(value, dict | list) for value in layer)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_rounded(body: bytes) -> None:
    # Python's own parser keeps every integer; it is the slower one.
    read = places(json.loads(body.decode()))
    place = next((place for place, value in read if _is_rounded(value)), None)
    if place is not None:
        wanted = f"must be an integer from {LEAST_INTEGER} to {MOST_INTEGER}, or a string"
        raise RequestRefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "integer-out-of-range",
            "The body has an integer that cannot be kept exactly: `errors` names it.",
            errors=[FieldError(field=".".join(place) or "body", message=wanted)],
        )


def _is_rounded(value: Any) -> bool:
    return isinstance(value, int) and not LEAST_INTEGER <= value <= MOST_INTEGER


def checked(model: type[Body], document: Any) -> Body:
    """Return `document` as a `model`.

    Raises:
        RequestRefusedError: 422, naming each field.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise RequestRefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid-request",
            "The body is not valid: `errors` names what to change.",
            errors=field_errors(error.errors(include_url=False, include_input=False)),
        ) from error


def _json_body(model: type[Body]) -> Callable[[Request], Awaitable[Body]]:
    async def read(request: Request) -> Body:
        return checked(model, await read_document(request, JSON))

    return read


async def _posted_event(request: Request) -> PostedEvent:
    document = await read_document(request, CLOUD_EVENT, JSON)
    return PostedEvent(checked(CloudEvent, document), document)


UserCreateBody = Annotated[UserCreate, Depends(_json_body(UserCreate))]
UserUpdateBody = Annotated[UserUpdate, Depends(_json_body(UserUpdate))]
EventBody = Annotated[PostedEvent, Depends(_posted_event)]


def documented(model: type[BaseModel], *media_types: str) -> dict[str, Any]:
    """Return a route's `openapi_extra` for a body that is read here."""
    content = {media_type: {"schema": model.model_json_schema()} for media_type in media_types}
    return {"requestBody": {"required": True, "content": content}}
