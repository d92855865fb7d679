"""RFC 9457 problem documents: the one shape of every error answer."""

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"
# Whoever sends a thousand unknown fields learns it from these, too.
MOST_ERRORS = 20


class FieldError(BaseModel):
    """One thing that is wrong with the request, and what to do about it."""

    field: str
    message: str


class Problem(BaseModel):
    """`type` is a stable URI reference, `detail` says what to do.

    `request_id` finds the log lines and the error report.
    """

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = None
    request_id: str | None = None
    errors: list[FieldError] = Field(default_factory=list)


def field_errors(
    errors: Iterable[Any], leaving_out: Collection[str] = frozenset()
) -> list[FieldError]:
    """Turn pydantic's errors into ours: dotted names, no echo of what was sent.

    `leaving_out` are parts of its names that are no part of the request's: where
    it was found, or the kinds of a shape that has several. Beyond MOST_ERRORS
    they are counted in a last one.
    """
    told = iter(errors)
    first = [
        FieldError(field=_name(error, leaving_out) or "body", message=error["msg"])
        for error in islice(told, MOST_ERRORS)
    ]
    if more := sum(1 for _ in told):
        first.append(FieldError(field="body", message=f"{more} more errors are not listed"))
    return first


def _name(error: Any, leaving_out: Collection[str]) -> str:
    parts = [str(part) for part in error["loc"] if part not in leaving_out]
    if error["type"].startswith("union_tag_"):
        # pydantic names the field that tells a shape's kinds apart in the context alone.
        parts.append(error["ctx"]["discriminator"].strip("'"))
    return ".".join(parts)
