"""What the three processes have in common: start-up, the ops port, and a graceful end.

`run` is each entrypoint's whole frame. On SIGTERM (or SIGINT) readiness fails
first; after `drain_seconds`, in which the gateway learns of it, `stopping` is
set and the process's `serve` is expected to finish what it has in hand and
return. After `shutdown_seconds` it is no longer waited for.
"""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import uvloop

from backend.entrypoints.faults import offer_loop_faults, process_faults
from backend.observability.catalogue import Process
from backend.observability.errors import ErrorReports
from backend.observability.logs import configure_logging
from backend.observability.metrics import Instruments
from backend.observability.spans import Collector, Spans, Unrecorded, make_spans
from backend.observability.vitals import vitals
from backend.ops.faults.registry import FaultRegistry
from backend.ops.readiness import Readiness
from backend.ops.server import OpsServer, create_ops_app
from backend.settings import Settings

logger = logging.getLogger(__name__)

# Collections of the first generation after this many allocations: start-up's objects
# are frozen, and a request's die by reference count.
GC_THRESHOLD = 50_000


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a process's `serve` gets; `stopping` is set when it must come to its end."""

    settings: Settings
    instruments: Instruments
    errors: ErrorReports
    readiness: Readiness
    faults: FaultRegistry
    spans: Spans = field(default_factory=Unrecorded)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


Serve = Callable[[Runtime], Awaitable[None]]


def run(process: Process, serve: Serve) -> None:
    """Run `serve` on a uvloop until it returns, then exit: 0 done, 1 failed or cut off."""
    settings = Settings()
    configure_logging(
        service=process,
        log_file=settings.log_file,
        level=settings.log_level,
        node=settings.replica_id,
        version=settings.release,
    )
    instruments = Instruments(process, settings.release)
    errors = _reports(settings, instruments)
    readiness = Readiness(instruments)
    faults = process_faults(settings, instruments, readiness)
    spans = _spans(process, settings)
    runtime = Runtime(settings, instruments, errors, readiness, faults, spans)
    try:
        ops = OpsServer(
            create_ops_app(process, settings, readiness, instruments, faults),
            settings.ops_host,
            settings.ops_port,
        )
        ops.start()
        uvloop.run(_supervise(runtime, serve))
        faults.close()
        ops.stop()
    except Exception as error:  # noqa: BLE001  the last frame: reported, and told by the exit code
        errors.capture(error, "The process could not go on", route=f"the {process} process")
        errors.flush()
        sys.exit(1)
    finally:
        runtime.spans.close()
    logger.info("Process ended", extra={"event.action": "ended"})


def _reports(settings: Settings, instruments: Instruments) -> ErrorReports:
    return ErrorReports(
        instruments,
        dsn=settings.sentry_dsn.get_secret_value() if settings.sentry_dsn else None,
        environment=settings.environment,
        release=settings.release,
        node=settings.replica_id,
    )


def _spans(process: Process, settings: Settings) -> Spans:
    return make_spans(
        Collector.from_environment(),
        service=f"pharos-{process}",
        release=settings.release,
        node=settings.replica_id,
        environment=settings.environment,
    )


def settle_garbage() -> None:
    """Move everything that start-up made out of the collector's sight; call when ready.

    A full collection in the middle of the traffic was the largest part of the
    99th percentile of a cached read.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 100)


async def _supervise(runtime: Runtime, serve: Serve) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _begin_end, runtime, loop, number)
    offer_loop_faults(runtime.faults, loop)
    logger.info("Process started", extra={"event.action": "started"})
    async with vitals(runtime.instruments):
        try:
            await serve(runtime)
        finally:
            runtime.readiness.drain()


def _begin_end(runtime: Runtime, loop: asyncio.AbstractEventLoop, number: int) -> None:
    if runtime.readiness.phase == "draining":
        return
    settings = runtime.settings
    runtime.readiness.drain()
    logger.info(
        "Draining", extra={"event.action": "draining", "pharos.signal": signal.Signals(number).name}
    )
    loop.call_later(settings.drain_seconds, runtime.stopping.set)
    # A thread's timer, since the loop itself may be what is stuck.
    deadline = threading.Timer(settings.shutdown_seconds, _cut_off)
    deadline.daemon = True
    deadline.start()


def _cut_off() -> None:
    logger.error("Work in hand did not finish in time", extra={"event.action": "cut-off"})
    logging.shutdown()
    os._exit(1)
