"""The audit log, newest first; there is no way to change it."""

from typing import Annotated

from fastapi import APIRouter, Query

from console.control.dependencies import ControlDep, Limit, Viewer
from console.schemas import AuditEntry

router = APIRouter(prefix="/v1", tags=["audit"])


@router.get("/audit")
def audit(
    _: Viewer,
    control: ControlDep,
    limit: Limit = 100,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> list[AuditEntry]:
    return control.audit.newest(limit, before)
