"""The one place that wires the node agent."""

import logging
import os
from importlib.metadata import version
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from backend.observability.catalogue import ERROR_TRACKER_UP, Process
from backend.observability.errors import ErrorReports
from backend.observability.logs import configure_logging
from backend.observability.metrics import Instruments
from deploy.home import Home
from deploy.local.agent.api import AgentApi, create_app
from deploy.local.agent.board import Board
from deploy.local.agent.gauges import Gauges
from deploy.local.agent.interventions import build_interventions
from deploy.local.agent.polls import Polls
from deploy.local.agent.tracker import TrackerWatch
from deploy.local.parts import REAL, Parts

logger = logging.getLogger("deploy.local.agent")


def build(home: Home, parts: Parts = REAL) -> Starlette:
    """Return the agent of a stack, ready to be served."""
    release, dsn = version("pharos"), os.environ.get("PHAROS_SENTRY_DSN")
    environment = os.environ.get("PHAROS_ENVIRONMENT", "local")
    instruments = Instruments(Process.AGENT, release)
    board, gauges = Board(home), Gauges(instruments)
    errors = ErrorReports(
        instruments,
        dsn=dsn,
        environment=environment,
        release=release,
        node="agent",
    )
    tracker = TrackerWatch(dsn, instruments.gauge(ERROR_TRACKER_UP)) if dsn else None

    def report(error: Exception) -> None:
        words = "Keeping a fault's lease failed, and is tried again"
        errors.capture_recurring(error, words, route="the agent's faults")

    interventions = build_interventions(home, board, environment, report)
    polls = Polls(home, parts, board, gauges, errors, interventions, tracker)
    return create_app(AgentApi(home, board, gauges, instruments, interventions), polls)


def prepare(home: Home) -> Starlette:
    """Open the log and return the agent of a stack as a process has it."""
    log_file = os.environ.get("PHAROS_LOG_FILE")
    configure_logging(
        service="agent",
        node="agent",
        version=version("pharos"),
        log_file=Path(log_file) if log_file else None,
    )
    logger.info("Process started", extra={"event.action": "started"})
    return build(home)


def serve(home: Home, app: Starlette) -> None:
    """Serve until SIGTERM."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=home.ports["agent"],
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
    )
