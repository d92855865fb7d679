"""Makes one line of a log record, or of a piece of work: ECS as JSON, redacted.

What is the same on all lines of a process is encoded once. What a field may
hold is in `fields.py`: a value of another type, or of a name that is not
declared, goes into `pharos.fields` as JSON, so that the log store's mapping
always fits.
"""

import logging
import os
import time
from collections.abc import Mapping
from typing import Any

import orjson

from backend.observability.context import Identity, at_hand
from backend.observability.fields import BY_NAME, ECS_VERSION, JSON_TYPES
from backend.observability.redaction import redact, redact_text
from backend.observability.traceparent import LENGTH, SPAN_ID, TRACE_ID

MAX_STACK = 32_768
# The one text from outside that a line of work has.
PATH = "url.path"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_PLAIN = logging.Formatter()


def level_name(number: int) -> str:
    """Return the level of the table that a record's number belongs to."""
    if number >= logging.CRITICAL:
        return "critical"
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"


class LineShape:
    """Makes the lines of one process; each ends with a line end."""

    def __init__(self, service: str, node: str | None, version: str | None) -> None:
        named = {
            "ecs.version": ECS_VERSION,
            "service.name": str(service),
            "service.node.name": node,
            "service.version": version,
            "process.pid": os.getpid(),
        }
        self._constant = {name: value for name, value in named.items() if value}
        self._rest = self.rest({})
        self._second, self._prefix = -1, ""

    def of_record(self, record: logging.LogRecord) -> bytes:
        """Return the line of a record; what JSON cannot hold is shown by its repr."""
        fields = self._start(record.created, at_hand())
        fields["log.level"] = level_name(record.levelno)
        fields["log.logger"] = record.name
        fields["message"] = redact_text(record.getMessage())
        fields.update(_failure(record))
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if extra:
            fields.update(_declared(extra))
        return orjson.dumps(fields)[:-1] + self._rest

    def rest(self, fields: Mapping[str, Any]) -> bytes:
        """Return what ends lines that have `fields`, and what all lines have, in common."""
        return b"," + orjson.dumps({**fields, **self._constant})[1:] + b"\n"

    def of_work(
        self, rest: bytes, moment: float, identity: Identity, fields: Mapping[str, Any]
    ) -> bytes:
        """Return the line of a piece of work; `fields` are declared ones, of the right types."""
        line = self._start(moment, identity)
        line.update(fields)
        if (path := fields.get(PATH)) is not None:
            line[PATH] = redact_text(path)
        return orjson.dumps(line)[:-1] + rest

    def _start(self, moment: float, identity: Identity) -> dict[str, Any]:
        fields: dict[str, Any] = {"@timestamp": self._stamp(moment)}
        request, trace = identity
        if request is not None:
            fields["http.request.id"] = request
        if trace is not None and len(trace) == LENGTH:
            fields["trace.id"], fields["span.id"] = trace[TRACE_ID], trace[SPAN_ID]
        return fields

    def _stamp(self, moment: float) -> str:
        second = int(moment)
        # Two threads may compute it at once; each uses its own result.
        known, prefix = self._second, self._prefix
        if known != second:
            prefix = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
            self._prefix, self._second = prefix, second
        return f"{prefix}{int((moment - second) * 1e6):06d}Z"


def _failure(record: logging.LogRecord) -> dict[str, str]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    return {
        "error.type": record.exc_info[0].__qualname__,
        "error.message": redact_text(str(record.exc_info[1])),
        "error.stack_trace": redact_text(_PLAIN.formatException(record.exc_info), MAX_STACK),
    }


def _declared(extra: Mapping[str, Any]) -> dict[str, Any]:
    fields, stray = {}, {}
    for name, value in extra.items():
        field = BY_NAME.get(name)
        if field is None or type(value) is not JSON_TYPES[field.type]:
            stray[name] = redact(value, name)
        else:
            fields[name] = redact_text(value) if isinstance(value, str) else value
    if stray:
        fields["pharos.fields"] = orjson.dumps(
            stray, default=repr, option=orjson.OPT_NON_STR_KEYS
        ).decode()
    return fields
