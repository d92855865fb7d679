"""The faults that the API alone offers: in its requests, and in its pool."""

import asyncio
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.api.app import ROUTES
from backend.ops.faults import requests
from backend.ops.faults.pool import ExhaustedPool
from backend.ops.faults.registry import FaultRegistry


def product_faults(faults: FaultRegistry, engine: AsyncEngine) -> requests.RequestFaults:
    """Offer them, and return what the app asks; call from its loop."""
    loop = asyncio.get_running_loop()
    app = requests.RequestFaults(loop, {route.path for route in ROUTES})
    faults.offer("exhausted-pool", partial(ExhaustedPool, engine, loop))
    faults.offer("latency", partial(requests.Latency, app))
    faults.offer("query-multiplication", partial(requests.QueryMultiplication, app))
    faults.offer("exception", partial(requests.UnhandledException, app))
    faults.offer("error-status", partial(requests.ErrorStatus, app))
    return app
