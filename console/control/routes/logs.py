"""The log lines: a search, its counts over time, and one request's whole way."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from console.control.dependencies import ControlDep, Limit, Operator
from console.schemas import LogHistogram, LogLines

router = APIRouter(prefix="/v1/logs", tags=["logs"])

Text = Annotated[str, Query(max_length=1000)]
Word = Annotated[str | None, Query(max_length=128)]


@router.get("")
def lines(  # noqa: PLR0913, PLR0917  one a condition that may be asked for
    _: Operator,
    control: ControlDep,
    query: Text = "",
    since: Word = "15m",
    until: Word = None,
    level: Word = None,
    component: Word = None,
    request_id: Word = None,
    trace_id: Word = None,
    order: Literal["newest", "oldest"] = "newest",
    limit: Limit = 100,
) -> LogLines:
    return control.logs.lines(
        text=query,
        since=since,
        until=until,
        level=level,
        component=component,
        request_id=request_id,
        trace_id=trace_id,
        order=order,
        limit=limit,
    )


@router.get("/histogram")
def histogram(  # noqa: PLR0913, PLR0917
    _: Operator,
    control: ControlDep,
    query: Text = "",
    since: Word = "15m",
    until: Word = None,
    level: Word = None,
    component: Word = None,
    request_id: Word = None,
    trace_id: Word = None,
) -> LogHistogram:
    return control.logs.histogram(
        text=query,
        since=since,
        until=until,
        level=level,
        component=component,
        request_id=request_id,
        trace_id=trace_id,
    )


@router.get("/requests/{request_id}")
def way(_: Operator, control: ControlDep, request_id: str) -> LogLines:
    return control.logs.way(request_id)
