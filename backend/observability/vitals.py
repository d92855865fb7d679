"""What every process with an event loop tells of itself while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.observability.garbage import collections_timed
from backend.observability.loop import LoopLagMonitor
from backend.observability.metrics import Instruments


@asynccontextmanager
async def vitals(instruments: Instruments) -> AsyncIterator[None]:
    """Measure the running loop and the garbage collector as long as the block runs."""
    with collections_timed(instruments):
        monitor = asyncio.create_task(LoopLagMonitor(instruments).run())
        try:
            yield
        finally:
            monitor.cancel()
