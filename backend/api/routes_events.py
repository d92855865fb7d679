"""/v1/events: parse, call, return."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from backend.api.bodies import CLOUD_EVENT, JSON, EventBody, documented
from backend.api.services import Events
from backend.api.tokens import Caller
from backend.schemas.events import CloudEvent, EventAccepted

router = APIRouter(prefix="/v1/events", tags=["events"])


@router.post(
    "",
    status_code=HTTPStatus.ACCEPTED,
    response_model=EventAccepted,
    openapi_extra=documented(CloudEvent, CLOUD_EVENT, JSON),
)
async def post_event(caller: Caller, events: Events, body: EventBody) -> Response:  # noqa: ARG001
    accepted = await events.accept(body.event, body.document)
    return Response(accepted.model_dump_json(), HTTPStatus.ACCEPTED, media_type=JSON)
