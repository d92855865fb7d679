"""What a process logged on the way to an error, kept for the error's report.

A short trail for each request or delivery, found by its id from whichever task
or thread wrote its lines; what was logged outside of any has a trail of its
own. Lines are kept as they came: making them readable, and taking secrets out,
is done for those alone that are reported.
"""

import logging
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, NamedTuple

from backend.observability.context import request_id
from backend.observability.redaction import redact_text
from backend.observability.work import Work, WorkHandler

LINES = 20
TRAILS = 1_000

# The tracker's word for the only level that it calls otherwise.
_LEVELS = {"critical": "fatal"}


class _Line(NamedTuple):
    created: float
    level: str
    logger: str
    message: str
    arguments: Any


class Trails(WorkHandler):
    """Keeps the last 20 lines at INFO and above of each of the last 1,000 requests."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._trails: OrderedDict[str | None, deque[_Line]] = OrderedDict()

    def emit(self, record: logging.LogRecord) -> None:
        self._keep(
            _Line(record.created, record.levelname, record.name, str(record.msg), record.args)
        )

    def work(self, kind: Work, fields: Mapping[str, Any]) -> None:  # noqa: ARG002
        if kind.last:
            # No report can come after it.
            self._trails.pop(request_id(), None)
            return
        with self.lock or nullcontext():
            level = logging.getLevelName(kind.level)
            self._keep(_Line(time.time(), level, kind.logger.name, kind.message, ()))

    def _keep(self, line: _Line) -> None:
        request = request_id()
        trail = self._trails.get(request)
        if trail is None:
            trail = self._trails[request] = deque(maxlen=LINES)
            if len(self._trails) > TRAILS:
                self._trails.popitem(last=False)
        trail.append(line)

    def here(self) -> list[dict[str, str]]:
        """Return the trail of the work at hand, oldest first, in the tracker's shape."""
        self.acquire()
        try:
            lines = list(self._trails.get(request_id(), ()))
        finally:
            self.release()
        return [_crumb(line) for line in lines]


def _crumb(line: _Line) -> dict[str, str]:
    level = line.level.lower()
    return {
        "timestamp": datetime.fromtimestamp(line.created, UTC).isoformat(),
        "level": _LEVELS.get(level, level),
        "category": line.logger,
        "message": redact_text(_message(line)),
    }


def _message(line: _Line) -> str:
    try:
        return line.message % line.arguments if line.arguments else line.message
    except (TypeError, ValueError, KeyError):
        # A line whose arguments do not fit is the logging module's to complain about.
        return line.message
