"""Freeze windows: times in which no drill starts."""

from fastapi import APIRouter, Response, status

from console.control.dependencies import Admin, ControlDep, Viewer
from console.guard_schemas import Freeze, FreezeWindow
from console.schemas import ReasonOnly

router = APIRouter(prefix="/v1/freezes", tags=["drills"])


@router.get("")
def freezes(_: Viewer, control: ControlDep) -> list[Freeze]:
    return control.freezes.all()


@router.post("", status_code=status.HTTP_201_CREATED)
def add(window: FreezeWindow, actor: Admin, control: ControlDep) -> Freeze:
    return control.freezes.add(actor.name, window)


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
def remove(name: str, why: ReasonOnly, actor: Admin, control: ControlDep) -> Response:
    control.freezes.remove(actor.name, name, why.reason)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
