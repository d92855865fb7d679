"""One api replica for the bench, with the signals that it is asked for.

Started as `python -m tests.bench.variants VARIANT`.
The product's own wiring, and a signal is left out where it enters: instruments
that count nothing, a log without lines, spans without a trace, reports that go
nowhere. `none` is the app without the layer that looks at requests at all.
"""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Any, cast

import uvicorn
import uvloop
from starlette.types import ASGIApp

from backend.api.observed import Observed
from backend.entrypoints.api import product
from backend.entrypoints.faults import process_faults
from backend.entrypoints.runtime import Runtime, settle_garbage
from backend.observability.catalogue import Process, Spec
from backend.observability.errors import ErrorReports
from backend.observability.logs import configure_logging
from backend.observability.metrics import Counter, Gauge, Histogram, Instruments
from backend.observability.plain import Latencies, Numbers
from backend.observability.spans import Attributes, Kind, Span, Unrecorded
from backend.ops.readiness import Readiness
from backend.settings import Settings

NONE, TOGETHER = "none", "together"
SIGNALS = ("metrics", "logs", "trace", "errors")
VARIANTS = (NONE, *SIGNALS, TOGETHER)
# Nothing listens there, and nothing is reported: what is left is the cost of being ready to.
NOWHERE = "http://key@127.0.0.1:9/1"


class _Mute:
    """Takes whatever an instrument takes, and does nothing."""

    def labels(self, **labels: str) -> "_Mute":  # noqa: ARG002
        return self

    def take(self, *values: object, **options: object) -> None:
        """Count nothing."""

    inc = dec = set = observe = set_function = take


class _MuteInstruments(Instruments):
    """Instruments that count nothing."""

    def counter(self, spec: Spec) -> Counter:  # noqa: ARG002
        return cast(Counter, _Mute())

    def gauge(self, spec: Spec) -> Gauge:  # noqa: ARG002
        return cast(Gauge, _Mute())

    def histogram(self, spec: Spec) -> Histogram:  # noqa: ARG002
        return cast(Histogram, _Mute())

    def numbers(self, spec: Spec) -> Numbers:  # noqa: ARG002
        return cast(Numbers, _Mute())

    def latencies(self, spec: Spec) -> Latencies:  # noqa: ARG002
        return cast(Latencies, _Mute())


class _NoSpan:
    traceparent: Any = None
    recording = False

    def end(self, name: str, attributes: Attributes, *, failed: bool = False) -> None:
        """There is none."""


class _NoSpans(Unrecorded):
    """Requests without a trace."""

    _span = _NoSpan()

    def start(self, kind: Kind, parent: str | None) -> Span:  # noqa: ARG002
        return self._span


def _runtime(signals: frozenset[str], settings: Settings) -> Runtime:
    instruments = (Instruments if "metrics" in signals else _MuteInstruments)(Process.API, "bench")
    errors = ErrorReports(instruments, dsn=NOWHERE if "errors" in signals else None)
    spans = Unrecorded() if "trace" in signals else _NoSpans()
    readiness = Readiness(instruments)
    faults = process_faults(settings, instruments, readiness)
    return Runtime(settings, instruments, errors, readiness, faults, spans)


async def serve(variant: str, settings: Settings) -> None:
    """Serve until the process is ended."""
    signals = frozenset(SIGNALS if variant == TOGETHER else {variant} - {NONE})
    configure_logging(service="bench", log_file=settings.log_file, node=variant)
    if "logs" not in signals:
        logging.disable(logging.CRITICAL)
    async with product(_runtime(signals, settings)) as observed:
        app = _bare(observed) if variant == NONE else observed
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            # Without the outermost layer the app is none that uvicorn would recognise by itself.
            interface="asgi3",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        settle_garbage()
        await uvicorn.Server(config).serve()


def _bare(app: ASGIApp) -> ASGIApp:
    if not isinstance(app, Observed):
        raise TypeError("the product's outermost layer is no longer the one that looks at requests")
    return app._app


def environment(variant: str, port: int, folder: Path) -> dict[str, str]:
    """Return what a replica's process is told beyond where the stack's servers are."""
    return {
        "PHAROS_PORT": str(port),
        "PHAROS_REPLICA_ID": f"bench-{variant}",
        "PHAROS_LOG_FILE": str(folder / f"{variant}.log"),
    }


if __name__ == "__main__":
    os.environ.pop("PHAROS_SENTRY_DSN", None)
    uvloop.install()
    asyncio.run(serve(sys.argv[1], Settings()))
