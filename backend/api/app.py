"""Puts the traffic port's app together from parts that the entrypoint made."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from backend.api import problems, routes_events, routes_users
from backend.api.limits import BodyLimit
from backend.api.observed import Observed, Watch
from backend.api.services import Services
from backend.api.tokens import ServiceTokens

ROUTERS = (routes_users.router, routes_events.router)


def create_app(services: Services, tokens: ServiceTokens, watch: Watch, version: str) -> ASGIApp:
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
    app.state.routes = [route for router in ROUTERS for route in router.routes]
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    return Observed(BodyLimit(app), watch)
