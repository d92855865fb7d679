"""The log lines: a search, its counts over time, and one request's whole way."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from console.control.dependencies import ControlDep, Viewer
from console.schemas import LogHistogram, LogLines

router = APIRouter(prefix="/v1/logs", tags=["logs"])

Word = Annotated[str | None, Field(max_length=128)]


class Conditions(BaseModel):
    """What the lines are asked to meet; times as `15m`, or in ISO 8601."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(alias="query", max_length=1000)] = ""
    since: Word = "15m"
    until: Word = None
    level: Word = None
    component: Word = None
    request_id: Word = None
    trace_id: Word = None


class Wanted(Conditions):
    """Conditions, and which of the lines are answered."""

    order: Literal["newest", "oldest"] = "newest"
    limit: Annotated[int, Field(ge=1, le=500)] = 100


@router.get("")
def lines(_: Viewer, control: ControlDep, wanted: Annotated[Wanted, Query()]) -> LogLines:
    return control.logs.lines(**wanted.model_dump())


@router.get("/histogram")
def histogram(
    _: Viewer, control: ControlDep, wanted: Annotated[Conditions, Query()]
) -> LogHistogram:
    return control.logs.histogram(**wanted.model_dump())


@router.get("/requests/{request_id}")
def way(_: Viewer, control: ControlDep, request_id: str) -> LogLines:
    return control.logs.way(request_id)
