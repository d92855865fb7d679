"""Whether the service lives and answers, and its figures."""

import os
from typing import Any

from fastapi import APIRouter, Request, Response

from console.control.dependencies import ControlDep, MetricsReader
from console.control.wiring import VERSION

router = APIRouter(tags=["health"])


@router.get("/livez")
async def livez() -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz")
async def readyz() -> dict[str, Any]:
    """Answer as ready: nothing is answered before the file is open and resumed from."""
    return {
        "status": "ready",
        "id": "control",
        "role": "control",
        "pid": os.getpid(),
        "version": VERSION,
    }


@router.get("/metrics")
def metrics(request: Request, control: ControlDep, _: MetricsReader) -> Response:
    body, content_type = control.metrics(request.headers.get("accept", ""))
    return Response(body, headers={"Content-Type": content_type})
