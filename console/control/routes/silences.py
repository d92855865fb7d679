"""Silences, which Alertmanager keeps."""

from fastapi import APIRouter, Response

from console.alert_schemas import Silence, SilenceRequest
from console.control.dependencies import ControlDep, Operator, Viewer
from console.schemas import ReasonOnly

router = APIRouter(prefix="/v1/silences", tags=["alerts"])


@router.get("")
def silences(_: Viewer, control: ControlDep) -> list[Silence]:
    return control.answers.silences()


@router.post("", status_code=201)
def silence(wanted: SilenceRequest, actor: Operator, control: ControlDep) -> Silence:
    return control.answers.silence(actor.name, wanted)


@router.delete("/{silence_id}", status_code=204)
def expire(silence_id: str, why: ReasonOnly, actor: Operator, control: ControlDep) -> Response:
    control.answers.expire(actor.name, silence_id, why.reason)
    return Response(status_code=204)
