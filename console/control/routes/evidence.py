"""What is injected now, and what drills have proved."""

from fastapi import APIRouter

from console.control.dependencies import ControlDep, Viewer
from console.ledger_schemas import LedgerRow
from deploy.faults.inventory import Inventory

router = APIRouter(prefix="/v1", tags=["drills"])


@router.get("/faults")
def faults(_: Viewer, control: ControlDep) -> Inventory:
    return control.faults.now()


@router.get("/ledger")
def ledger(_: Viewer, control: ControlDep) -> list[LedgerRow]:
    return control.ledger.rows()
