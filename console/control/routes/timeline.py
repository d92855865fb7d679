"""One line of time for whatever was done and happened."""

from typing import Annotated

from fastapi import APIRouter, Query

from console.control.dependencies import ControlDep, Viewer
from console.timeline_schemas import Timeline

router = APIRouter(prefix="/v1", tags=["timeline"])

WEEK = 168.0


@router.get("/timeline")
def timeline(
    _: Viewer, control: ControlDep, hours: Annotated[float, Query(gt=0, le=WEEK)] = 6.0
) -> Timeline:
    return control.timeline.last(hours)
