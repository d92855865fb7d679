"""Scaling, and how far it is."""

from fastapi import APIRouter, status

from console.control.dependencies import ControlDep, Limit, Operator, Viewer
from console.schemas import Action, ScalePreview, ScalePreviewRequest, ScaleRequest

router = APIRouter(prefix="/v1", tags=["scale"])


@router.post("/scale/preview")
def preview(wanted: ScalePreviewRequest, _: Viewer, control: ControlDep) -> ScalePreview:
    return control.scaling.preview(wanted.role, wanted.count)


@router.post("/scale", status_code=status.HTTP_202_ACCEPTED)
def scale(wanted: ScaleRequest, actor: Operator, control: ControlDep) -> Action:
    return control.scaling.start(actor.name, wanted)


@router.get("/actions")
def actions(_: Viewer, control: ControlDep, limit: Limit = 50) -> list[Action]:
    return control.actions.newest(limit)


@router.get("/actions/{action_id}")
def action(action_id: str, _: Viewer, control: ControlDep) -> Action:
    return control.actions.find(action_id)
