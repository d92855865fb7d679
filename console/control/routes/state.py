"""What every page shows."""

from fastapi import APIRouter

from console.control.dependencies import ControlDep, Operator
from console.schemas import State

router = APIRouter(prefix="/v1", tags=["state"])


@router.get("/state")
def state(_: Operator, control: ControlDep) -> State:
    view = control.stack.now()
    return State(
        environment=control.settings.environment,
        stack=view.stack,
        stack_error=view.error,
        desired=view.desired,
        halt=control.halt.read(),
        drills_running=control.drills.running(),
    )
