"""Which faults a process offers: what happens to the process and to its loop."""

import asyncio
from functools import partial

from backend.observability.metrics import Instruments
from backend.ops.faults.cpu import CpuBurn
from backend.ops.faults.loop import BlockedLoop
from backend.ops.faults.memory import MemoryGrowth
from backend.ops.faults.registry import FaultRegistry
from backend.ops.faults.withheld import FailingReadiness
from backend.ops.readiness import Readiness
from backend.settings import Settings


def process_faults(
    settings: Settings, instruments: Instruments, readiness: Readiness
) -> FaultRegistry:
    """Return the process's faults, with those that need neither a loop nor an app."""
    faults = FaultRegistry(settings, instruments)
    faults.offer("cpu-burn", CpuBurn)
    faults.offer("memory-growth", MemoryGrowth)
    faults.offer("failing-readiness", partial(FailingReadiness, readiness))
    return faults


def offer_loop_faults(faults: FaultRegistry, loop: asyncio.AbstractEventLoop) -> None:
    """Offer what happens to the loop that does the process's work."""
    faults.offer("blocked-loop", partial(BlockedLoop, loop))
