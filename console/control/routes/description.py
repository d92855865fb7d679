"""The description of this API, for those who may read what it describes."""

from typing import Any

from fastapi import APIRouter, Request

from console.control.dependencies import Viewer

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def description(request: Request, _: Viewer) -> dict[str, Any]:
    schema: dict[str, Any] = request.app.openapi()
    return schema
