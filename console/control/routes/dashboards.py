"""Grafana's dashboards, for the console's links."""

from fastapi import APIRouter

from console.control.dependencies import ControlDep, Viewer
from console.schemas import GrafanaDashboard

router = APIRouter(prefix="/v1", tags=["dashboards"])


@router.get("/dashboards")
def dashboards(_: Viewer, control: ControlDep) -> list[GrafanaDashboard]:
    return control.dashboards.ours()
