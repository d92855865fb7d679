"""A game day's beginning and end, for the audit log."""

from fastapi import APIRouter, Response, status

from console.control.dependencies import Admin, ControlDep
from console.game_day_schemas import GameDayEnd, GameDayRequest

router = APIRouter(prefix="/v1/game-days", tags=["game days"])


@router.post("", status_code=status.HTTP_204_NO_CONTENT)
def begin(wanted: GameDayRequest, actor: Admin, control: ControlDep) -> Response:
    control.game_days.open(actor.name, wanted)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/{name}/end", status_code=status.HTTP_204_NO_CONTENT)
def end(name: str, how: GameDayEnd, _: Admin, control: ControlDep) -> Response:
    control.game_days.close(name, how)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
