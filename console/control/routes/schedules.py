"""Schedules: what starts drills by itself."""

from fastapi import APIRouter, Response, status

from console.control.dependencies import Admin, ControlDep, Limit, Viewer
from console.schedule_schemas import Schedule, ScheduleSpec, Turn
from console.schemas import ReasonOnly

router = APIRouter(prefix="/v1/schedules", tags=["schedules"])


@router.get("")
def all_(_: Viewer, control: ControlDep) -> list[Schedule]:
    return control.schedules.all()


@router.get("/turns")
def turns(_: Viewer, control: ControlDep, limit: Limit = 10) -> list[Turn]:
    return control.schedules.next(limit)


@router.post("/preview")
def preview(wanted: ScheduleSpec, _: Viewer, control: ControlDep, limit: Limit = 10) -> list[Turn]:
    """Return the turns that a schedule would have, and keep nothing."""
    return control.schedules.preview(wanted, limit)


@router.post("", status_code=status.HTTP_201_CREATED)
def add(wanted: ScheduleSpec, actor: Admin, control: ControlDep) -> Schedule:
    return control.schedules.add(actor.name, wanted)


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
def remove(name: str, why: ReasonOnly, actor: Admin, control: ControlDep) -> Response:
    control.schedules.remove(actor.name, name, why.reason)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
