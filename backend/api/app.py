"""Puts the traffic port's app together from parts that the entrypoint made."""

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from backend.api import problems, routes_events, routes_users
from backend.api.faulted import Faulted
from backend.api.limits import BodyLimit
from backend.api.observed import Observed, Watch
from backend.api.services import Services
from backend.api.tokens import ServiceTokens
from backend.ops.faults.requests import RequestFaults

ROUTERS = (routes_users.router, routes_events.router)
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, Route)]


def create_app(
    services: Services,
    tokens: ServiceTokens,
    watch: Watch,
    faults: RequestFaults,
    version: str,
) -> ASGIApp:
    """Return the whole traffic app: everything is under /v1."""
    app = FastAPI(
        title="Pharos",
        version=version,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        # Signals are our own business: the framework's would be a second set of them.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.tokens = tokens
    app.state.routes = ROUTES
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    return Observed(Faulted(BodyLimit(app), ROUTES, faults), watch)
