"""Game days: those that were held, and the beginning and end of one for the audit log."""

from fastapi import APIRouter, Response, status

from console.control.dependencies import Admin, ControlDep, Viewer
from console.game_day_schemas import GameDayEnd, GameDayRequest, HeldGameDay

router = APIRouter(prefix="/v1/game-days", tags=["game days"])


@router.get("")
def held(_: Viewer, control: ControlDep) -> list[HeldGameDay]:
    return control.game_days.held()


@router.post("", status_code=status.HTTP_204_NO_CONTENT)
def begin(wanted: GameDayRequest, actor: Admin, control: ControlDep) -> Response:
    control.game_days.open(actor.name, wanted)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/{name}/end", status_code=status.HTTP_204_NO_CONTENT)
def end(name: str, how: GameDayEnd, _: Admin, control: ControlDep) -> Response:
    control.game_days.close(name, how)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
