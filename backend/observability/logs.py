"""One JSON line an occurrence, with the Elastic Common Schema's field names.

Everything logs through the standard library with the fields in `extra`, such as
`logger.info("Draining", extra={"pharos.signal": "SIGTERM"})`. A line of a piece
of work (a request answered, a message handled) goes through `Work`, which
costs a small part of that. Secrets and addresses are redacted here, once, for
every process.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from backend.observability.context import Identity, at_hand
from backend.observability.fields import LEVELS
from backend.observability.lines import LineShape, level_name
from backend.observability.logfile import LogFile, Sink, Stream
from backend.observability.redaction import redact_text
from backend.observability.storms import MOST_ALIKE, MOST_OF_WORK, Kind, Storms
from backend.observability.tally import LINES, SUPPRESSED, WRITTEN
from backend.observability.work import Work, WorkHandler

OURS = ("backend", "console", "chaos", "deploy", "alerts")
# So much work waits for its lines at most.
MOST_WAITING = 500
_WRITTEN = {level: (level, WRITTEN) for level in LEVELS}


class _Known(NamedTuple):
    """What all lines of one kind of work end with, and what they count as in a storm."""

    rest: bytes
    kind: Kind


class _Done(NamedTuple):
    """One piece of work whose line is still to be made."""

    work: Work
    moment: float
    identity: Identity
    fields: Mapping[str, Any]


class EcsHandler(WorkHandler):
    """Writes what the process logs to one sink, sampled in a storm, counted always.

    A line of work is only remembered by whoever did it. The sink's thread makes
    many of them at once, at a part of the cost.
    """

    def __init__(self, shape: LineShape, log_file: Path | None) -> None:
        super().__init__()
        self._shape, self._storms = shape, Storms()
        self._known: dict[Work, _Known] = {}
        self._done: deque[_Done] = deque()
        # A stream has no thread that comes by.
        self._most_waiting = MOST_WAITING if log_file else 0
        self._mutex = threading.RLock()
        self._sink: Sink = LogFile(log_file, self.catch_up) if log_file else Stream()

    def emit(self, record: logging.LogRecord) -> None:
        template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        kind = Kind(record.name, level_name(record.levelno), template)
        try:
            with self._mutex:
                self.catch_up()
                if self._admits(kind, MOST_ALIKE):
                    line = self._shape.of_record(record)
                    self._sink.write(line, urgent=record.levelno >= logging.WARNING)
        except Exception:  # noqa: BLE001  as every handler: told on stderr, never raised at the caller
            self.handleError(record)

    def work(self, kind: Work, fields: Mapping[str, Any]) -> None:
        """Remember a piece of work for its line."""
        self._done.append(_Done(kind, time.time(), at_hand(), fields))
        if len(self._done) > self._most_waiting:
            self.catch_up()

    def catch_up(self) -> None:
        """Write the lines of all work that was done, and of what the last second left out."""
        with self._mutex:
            while self._done:
                self._write(self._done.popleft())
            self._tell_of_storms()

    def flush(self) -> None:
        self.catch_up()
        self._sink.flush()

    def close(self) -> None:
        self.catch_up()
        self._sink.close()
        super().close()

    def _write(self, done: _Done) -> None:
        known = self._known.get(done.work) or self._meet(done.work)
        if self._admits(known.kind, MOST_OF_WORK):
            line = self._shape.of_work(known.rest, done.moment, done.identity, done.fields)
            self._sink.write(line, urgent=False)

    def _tell_of_storms(self) -> None:
        for kind, count in self._storms.ended().items():
            storm = redact_text(kind.template, 500)
            common = {
                "log.level": kind.level,
                "log.logger": kind.logger,
                "message": f"{count} more lines like this were left out: {storm}",
                "pharos.storm": storm,
            }
            rest, fields = self._shape.rest(common), {"pharos.suppressed": count}
            self._sink.write(
                self._shape.of_work(rest, time.time(), at_hand(), fields), urgent=False
            )
            LINES[_WRITTEN[kind.level]] += 1

    def _meet(self, kind: Work) -> _Known:
        level, logger = level_name(kind.level), kind.logger.name
        common = {"log.level": level, "log.logger": logger, "message": kind.message}
        known = _Known(self._shape.rest(common | kind.fields), Kind(logger, level, "work"))
        self._known[kind] = known
        return known

    def _admits(self, kind: Kind, most: int) -> bool:
        admitted = self._storms.admits(kind, most)
        LINES[_WRITTEN[kind.level] if admitted else (kind.level, SUPPRESSED)] += 1
        return admitted


def configure_logging(
    *,
    service: str,
    log_file: Path | None = None,
    level: str = "INFO",
    node: str | None = None,
    version: str | None = None,
) -> None:
    """Send every log line of this process to `log_file`, rotating, or to stderr without one.

    `service` is the kind of process, `node` its instance (`api-1`). What other
    libraries log goes the same way; theirs below WARNING is left out.
    """
    handler = EcsHandler(LineShape(service, node, version), log_file)
    root = logging.getLogger()
    for previous in root.handlers[:]:
        root.removeHandler(previous)
        previous.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for ours in OURS:
        logging.getLogger(ours).setLevel(level)
    logging.captureWarnings(True)
