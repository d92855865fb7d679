"""Alerts: delivered by Alertmanager, read and answered by the console."""

from fastapi import APIRouter, Response

from console.alert_schemas import AcknowledgeRequest, ActiveAlerts, Runbook
from console.control.dependencies import ControlDep, Limit, Operator, Viewer, Webhook
from console.control.runbooks import read_runbook
from console.control.services.alerts import Notification, Status
from console.schemas import Acknowledgement, Alert, ReasonOnly

router = APIRouter(prefix="/v1", tags=["alerts"])
ANSWER = "/alerts/{fingerprint}/acknowledgement"


@router.post("/alerts/webhook", status_code=204)
def take(notification: Notification, _: Webhook, control: ControlDep) -> Response:
    control.alerts.take(notification)
    return Response(status_code=204)


@router.get("/alerts")
def alerts(
    _: Viewer,
    control: ControlDep,
    status: Status | None = None,
    limit: Limit = 100,
) -> list[Alert]:
    return control.alerts.newest(status, limit)


@router.get("/alerts/active")
def active(_: Viewer, control: ControlDep) -> ActiveAlerts:
    return control.active.now()


@router.post(ANSWER, status_code=201)
def acknowledge(
    fingerprint: str, wanted: AcknowledgeRequest, actor: Operator, control: ControlDep
) -> Acknowledgement:
    return control.answers.acknowledge(actor.name, fingerprint, wanted)


@router.delete(ANSWER, status_code=204)
def withdraw(fingerprint: str, why: ReasonOnly, actor: Operator, control: ControlDep) -> Response:
    control.answers.withdraw(actor.name, fingerprint, why.reason)
    return Response(status_code=204)


@router.get("/runbooks/{alert}")
def runbook(alert: str, _: Viewer) -> Runbook:
    return read_runbook(alert)
