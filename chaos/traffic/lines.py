"""What a load run tells the stack's log: that it began, how it ended, and what failed.

Whoever looks at a strange quarter of an hour later finds there whose load it was.
"""

import logging
from importlib.metadata import version
from pathlib import Path

from backend.observability.logs import configure_logging
from chaos.traffic.plan import Plan
from chaos.traffic.run import Finished
from chaos.traffic.summary import SHOWN_REASONS

SERVICE = "load"

log = logging.getLogger(__name__)


def open_log(logs: Path, run: str) -> None:
    """Send this process' lines to `load.log` in the folder; raises OSError."""
    configure_logging(
        service=SERVICE, log_file=logs / f"{SERVICE}.log", node=run, version=version("pharos")
    )


def tell_begin(run: str, plan: Plan) -> None:
    pace = f"{plan.speed:g} times its speed" if plan.speed else f"{plan.rate:g} a second"
    words = f"Load began: {plan.title}, {pace}"
    log.info("%s", words, extra={"event.action": "load-begin", "pharos.run": run})


def tell_end(finished: Finished) -> None:
    """Write the figures in one line, and each of the commonest reasons of failures in another."""
    summary = finished.summary
    fields = {"pharos.run": summary.run}
    for reason, count in finished.tally.reasons.most_common(SHOWN_REASONS):
        failed = {"event.action": "load-failures", "event.outcome": "failure", **fields}
        log.warning("%d requests of the load failed: %s", count, reason, extra=failed)
    ended = "was stopped" if finished.stopped else "ended"
    log.info(
        "Load %s: %d sent, %d failed, %d retried by the gateway, p99 %s ms, %.1f a second",
        ended,
        summary.sent,
        summary.failed,
        summary.retried,
        summary.p99_ms,
        summary.rate,
        extra={
            "event.action": "load-end",
            "event.outcome": "failure" if summary.failed else "success",
            **fields,
        },
    )
    if finished.bottleneck:
        held = {"event.action": "load-held-back", **fields}
        log.warning("The load generator itself held back: %s", finished.bottleneck, extra=held)


def tell_failure(run: str, error: Exception) -> None:
    """Say that the run could not be done."""
    fields = {"event.action": "load-end", "event.outcome": "failure", "pharos.run": run}
    log.error("Load was given up: %s", error, extra=fields)
