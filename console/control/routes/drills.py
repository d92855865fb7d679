"""Drills, and the switch that halts them."""

from fastapi import APIRouter, status

from console.control.dependencies import Admin, ControlDep, Limit, Operator, Viewer
from console.guard_schemas import GuardAnswers
from console.schemas import (
    Drill,
    DrillRequest,
    Experiment,
    GuardProfile,
    Halt,
    HaltRequest,
    HaltThrown,
    RearmRequest,
)

router = APIRouter(prefix="/v1", tags=["drills"])


@router.get("/experiments")
def experiments(_: Viewer, control: ControlDep) -> list[Experiment]:
    return control.experiments.all()


@router.get("/drills")
def drills(_: Viewer, control: ControlDep, limit: Limit = 50) -> list[Drill]:
    return control.drills.newest(limit)


@router.post("/drills", status_code=status.HTTP_202_ACCEPTED)
def start(wanted: DrillRequest, actor: Operator, control: ControlDep) -> Drill:
    return control.drills.start(actor, wanted)


# Before the runs: `guards` is the id of none.
@router.get("/drills/guards")
def guards(
    experiment: str, _: Viewer, control: ControlDep, profile: GuardProfile = "standard"
) -> GuardAnswers:
    return control.drills.guards(experiment, profile)


@router.get("/drills/{run}")
def drill(run: str, _: Viewer, control: ControlDep) -> Drill:
    return control.drills.find(run)


@router.post("/halt")
def halt(wanted: HaltRequest, actor: Viewer, control: ControlDep) -> HaltThrown:
    return control.halt.halt(actor.name, wanted.reason, rehearsal=wanted.rehearsal)


@router.post("/rearm")
def rearm(wanted: RearmRequest, actor: Admin, control: ControlDep) -> Halt:
    return control.halt.rearm(actor.name, wanted.reason, wanted.since)
