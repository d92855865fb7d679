"""One JSON line an occurrence, with the Elastic Common Schema's field names.

Everything logs through the standard library with the fields in `extra`, such as
`logger.info("Draining", extra={"pharos.signal": "SIGTERM"})`. A line of a piece
of work (a request answered, a message handled) goes through `work`, which
costs a small part of that. Secrets and addresses are redacted here, once, for
every process.
"""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.observability.fields import LEVELS
from backend.observability.lines import LineShape, level_name
from backend.observability.logfile import LogFile, Sink, Stream
from backend.observability.redaction import redact_text
from backend.observability.storms import MOST_ALIKE, MOST_OF_WORK, Kind, Storms
from backend.observability.tally import LINES, SUPPRESSED, WRITTEN
from backend.observability.work import WorkHandler

OURS = ("backend", "console", "chaos", "deploy", "alerts")
_WRITTEN = {level: (level, WRITTEN) for level in LEVELS}


class EcsHandler(WorkHandler):
    """Writes what the process logs to one sink, sampled in a storm, counted always."""

    def __init__(self, shape: LineShape, log_file: Path | None) -> None:
        super().__init__()
        self._shape, self._storms = shape, Storms()
        self._mutex = threading.RLock()
        self._sink: Sink = LogFile(log_file, self.tell_of_storms) if log_file else Stream()

    def emit(self, record: logging.LogRecord) -> None:
        template = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        kind = Kind(record.name, level_name(record.levelno), template)
        try:
            with self._mutex:
                self.tell_of_storms()
                if self._admits(kind, MOST_ALIKE):
                    line = self._shape.of_record(record)
                    self._sink.write(line, urgent=record.levelno >= logging.WARNING)
        except Exception:  # noqa: BLE001  as every handler: told on stderr, never raised at the caller
            self.handleError(record)

    def work(self, level: int, logger: str, message: str, fields: Mapping[str, Any]) -> None:
        """Write a line of work; `fields` hold no secrets."""
        with self._mutex:
            self.tell_of_storms()
            if self._admits(Kind(logger, level_name(level), "work"), MOST_OF_WORK):
                line = self._shape.of_work(level, logger, message, fields)
                self._sink.write(line, urgent=False)

    def tell_of_storms(self) -> None:
        """Write a line for each kind that the last second had too many of."""
        with self._mutex:
            for kind, count in self._storms.ended().items():
                fields = {
                    "pharos.suppressed": count,
                    "pharos.storm": redact_text(kind.template, 500),
                }
                number = logging.getLevelNamesMapping()[kind.level.upper()]
                message = f"{count} more lines like this were left out: {fields['pharos.storm']}"
                line = self._shape.of_work(number, kind.logger, message, fields)
                self._sink.write(line, urgent=False)
                LINES[_WRITTEN[kind.level]] += 1

    def flush(self) -> None:
        self._sink.flush()

    def close(self) -> None:
        self._sink.close()
        super().close()

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
