"""What every page shows."""

from fastapi import APIRouter

from console.control.dependencies import ControlDep, Viewer
from console.schemas import State

router = APIRouter(prefix="/v1", tags=["state"])


@router.get("/state")
def state(actor: Viewer, control: ControlDep) -> State:
    view = control.stack.now()
    return State(
        environment=control.settings.environment,
        role=actor.role,
        stack=view.stack,
        stack_error=view.error,
        desired=view.desired,
        halt=control.halt.read(),
        drills_running=control.drills.running(),
        extras=control.extras(),
    )
