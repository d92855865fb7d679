"""The report on a drill or a game day, as a page to read, to print and to hand on."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse

from console.control.dependencies import ControlDep, Viewer
from console.control.pages.answering import page_answer

router = APIRouter(prefix="/v1/reports", tags=["drills"])
Run = Annotated[str, Path(pattern=r"^\d{8}T\d{6}-[0-9a-z]+$")]


@router.get("/{run}", response_class=HTMLResponse)
def report(run: Run, _: Viewer, control: ControlDep) -> Response:
    return page_answer(control.reports.page(run))
