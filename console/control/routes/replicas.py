"""What is done to replicas that run: restarts, drains, quarantines, and the ways back."""

from fastapi import APIRouter, status

from console.control.dependencies import ControlDep, Operator, Viewer
from console.headroom_schemas import Headroom
from console.replica_schemas import AsideRequest, RestartRequest
from console.schemas import Action, ReasonOnly

router = APIRouter(prefix="/v1", tags=["replicas"])


@router.get("/headroom")
def headroom(leaving: str, _: Viewer, control: ControlDep) -> Headroom:
    """Tell whether the others would carry the load without a replica, or one of a role."""
    return control.restarting.headroom(leaving)


@router.post("/restart", status_code=status.HTTP_202_ACCEPTED)
def restart(wanted: RestartRequest, actor: Operator, control: ControlDep) -> Action:
    return control.restarting.start(actor.name, wanted)


@router.post("/actions/{action_id}/abort")
def abort(action_id: str, why: ReasonOnly, actor: Operator, control: ControlDep) -> Action:
    return control.restarting.abort(actor.name, action_id, why.reason)


@router.post("/actions/{action_id}/resume", status_code=status.HTTP_202_ACCEPTED)
def resume(action_id: str, why: ReasonOnly, actor: Operator, control: ControlDep) -> Action:
    return control.restarting.resume(actor.name, action_id, why.reason)


@router.post("/replicas/{replica_id}/drain", status_code=status.HTTP_202_ACCEPTED)
def drain(replica_id: str, wanted: AsideRequest, actor: Operator, control: ControlDep) -> Action:
    return control.aside.drain(actor.name, replica_id, wanted)


@router.post("/replicas/{replica_id}/quarantine", status_code=status.HTTP_204_NO_CONTENT)
def quarantine(replica_id: str, wanted: AsideRequest, actor: Operator, control: ControlDep) -> None:
    control.aside.quarantine(actor.name, replica_id, wanted)


@router.post("/replicas/{replica_id}/release", status_code=status.HTTP_204_NO_CONTENT)
def release(replica_id: str, why: ReasonOnly, actor: Operator, control: ControlDep) -> None:
    control.aside.release(actor.name, replica_id, why.reason)
