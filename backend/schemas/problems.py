"""RFC 9457 problem documents: the one shape of every error answer."""

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


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
