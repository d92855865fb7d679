"""The control service as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from backend.observability.vitals import vitals
from console.control import problems
from console.control.following import following
from console.control.middleware import Observed
from console.control.routes import (
    alerts,
    audit,
    dashboards,
    description,
    drills,
    evidence,
    freezes,
    game_days,
    health,
    logs,
    people,
    replicas,
    reports,
    scale,
    schedules,
    session,
    silences,
    state,
    timeline,
    tokens,
)
from console.control.wiring import VERSION, Control

FAMILIES = (
    health,
    logs,
    session,
    state,
    scale,
    replicas,
    drills,
    freezes,
    evidence,
    game_days,
    reports,
    schedules,
    audit,
    alerts,
    silences,
    dashboards,
    people,
    tokens,
    timeline,
    description,
)


def create_app(control: Control) -> FastAPI:
    """Return the application over `control`, which is closed when the application ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        control.releases.started(VERSION)
        async with vitals(control.instruments):
            with following(control):
                yield
        control.close()

    app = FastAPI(
        title="Pharos control service",
        version=VERSION,
        lifespan=lifespan,
        # Their pages load scripts from elsewhere, and the framework's own description would be
        # open to anybody: ours, at the same place, is not.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # Signals are our own business: the framework's would be a second set of them.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.control = control
    problems.install(app)
    app.add_middleware(
        Observed, instruments=control.instruments, errors=control.errors, spans=control.spans
    )
    for family in FAMILIES:
        app.include_router(family.router)
    return app
