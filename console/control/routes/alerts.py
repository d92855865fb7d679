"""Alerts: delivered by Alertmanager, read by the console."""

from fastapi import APIRouter, Response

from console.control.dependencies import ControlDep, Limit, Operator, Webhook
from console.control.services.alerts import Notification, Status
from console.schemas import Alert

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.post("/webhook", status_code=204)
def take(notification: Notification, _: Webhook, control: ControlDep) -> Response:
    control.alerts.take(notification)
    return Response(status_code=204)


@router.get("")
def alerts(
    _: Operator,
    control: ControlDep,
    status: Status | None = None,
    limit: Limit = 100,
) -> list[Alert]:
    return control.alerts.newest(status, limit)
