"""One JSON line an occurrence, in the Elastic Common Schema (ECS 8).

Fields of an occurrence go into `extra` under their ECS names:
`logger.info("Request answered", extra={"http.response.status_code": 200})`.
Secrets and addresses are redacted here, once, for every process.
"""

import logging
import os
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import orjson

from backend.observability.context import request_id, traceparent
from backend.observability.fields import ECS_VERSION
from backend.observability.redaction import redact, redact_text

MAX_BYTES = 10 * 1024 * 1024
KEPT_FILES = 5

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class EcsFormatter(logging.Formatter):
    """Formats a record as one ECS line; what it cannot serialise is shown by its repr."""

    def __init__(self, service: str, node: str | None, version: str | None) -> None:
        super().__init__()
        named = {"service.name": service, "service.node.name": node, "service.version": version}
        self._constant = {
            "ecs.version": ECS_VERSION,
            **{name: value for name, value in named.items() if value},
            "process.pid": os.getpid(),
        }

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "@timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(
                timespec="milliseconds"
            ),
            "log.level": record.levelname.lower(),
            "message": redact_text(record.getMessage()),
            "log.logger": record.name,
            **self._constant,
            **_identity(),
            **_failure(record),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD:
                fields[name] = redact(value, name)
        return orjson.dumps(fields, default=repr).decode()


def _identity() -> dict[str, str]:
    fields = {}
    if (request := request_id()) is not None:
        fields["http.request.id"] = request
    if (trace := traceparent()) is not None and trace.count("-") == 3:
        fields["trace.id"] = trace.split("-")[1]
    return fields


def _failure(record: logging.LogRecord) -> dict[str, str]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    return {
        "error.type": record.exc_info[0].__qualname__,
        "error.message": redact_text(str(record.exc_info[1])),
        "error.stack_trace": redact_text(logging.Formatter().formatException(record.exc_info)),
    }


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
    handler: logging.Handler
    if log_file is None:
        handler = logging.StreamHandler(sys.stderr)
    else:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            log_file, maxBytes=MAX_BYTES, backupCount=KEPT_FILES, encoding="utf-8"
        )
    handler.setFormatter(EcsFormatter(service, node, version))
    root = logging.getLogger()
    for previous in root.handlers[:]:
        root.removeHandler(previous)
        previous.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for ours in ("backend", "console", "chaos", "deploy", "alerts"):
        logging.getLogger(ours).setLevel(level)
    logging.captureWarnings(True)
