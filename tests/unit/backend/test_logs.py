"""Log lines: ECS, one a line, rotating, with the request id and without secrets."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from backend.observability import logs
from backend.observability.context import working_on
from backend.observability.logs import configure_logging
from backend.observability.redaction import redact, redact_text

logger = logging.getLogger("backend.test")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Configure logging to a file, and put everything back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    path = tmp_path / "logs" / "api-1.log"
    configure_logging(service="pharos-api", log_file=path, node="api-1", version="1")
    yield path
    root.handlers[0].close()
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


def test_a_line_has_the_fields_of_ecs_and_those_of_the_occurrence(file: Path) -> None:
    logger.info("Done %s", 1, extra={"event.action": "test"})
    (line,) = _lines(file)
    assert line["message"] == "Done 1"
    assert line["event.action"] == "test"
    assert (line["service.name"], line["service.node.name"]) == ("pharos-api", "api-1")
    assert line["@timestamp"].endswith("+00:00")


def test_lines_carry_the_request_and_the_trace_that_they_belong_to(file: Path) -> None:
    with working_on("r-1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
        logger.info("inside")
    logger.info("outside")
    inside, outside = _lines(file)
    assert inside["http.request.id"] == "r-1"
    assert inside["trace.id"] == "0af7651916cd43dd8448eb211c80319c"
    assert "http.request.id" not in outside


def test_an_exception_is_one_line_with_its_trace_redacted(file: Path) -> None:
    failure = ValueError("no postgresql://pharos:hunter22@db/x for ann@example.org")
    logger.error("Failed", exc_info=failure)
    (line,) = _lines(file)
    assert line["error.type"] == "ValueError"
    assert "ValueError: no postgresql" in line["error.stack_trace"]
    assert "hunter22" not in str(line)
    assert "ann@" not in str(line)


def test_what_json_cannot_hold_is_shown_by_its_repr(file: Path) -> None:
    logger.info("Odd", extra={"event.thing": {1, 2}})
    assert _lines(file)[0]["event.thing"] == "{1, 2}"


def test_files_rotate_and_the_oldest_go(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 2000)
    configure_logging(service="pharos-api", log_file=file)
    for _ in range(100):
        logger.info("x" * 500)
    assert len(list(file.parent.iterdir())) == logs.KEPT_FILES + 1


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdefgh.ijk", "abcdefgh"),
        ("redis://:pa55word@host:1/0", "pa55word"),
        ("password=hunter22 failed", "hunter22"),
        ("Key (email)=(ann@example.org) already exists.", "ann@"),
    ],
)
def test_free_text_loses_its_secrets(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


@pytest.mark.parametrize(
    "name", ["password", "Authorization", "set-cookie", "sentry_dsn", "ops_token", "user.email"]
)
def test_fields_whose_name_says_secret_are_never_shown(name: str) -> None:
    assert redact({"outer": [{name: "value-itself"}]}) == {"outer": [{name: "[redacted]"}]}


def test_what_is_no_secret_stays() -> None:
    fields = {"url.path": "/v1/users/1", "count": 3, "ok": True, "none": None}
    assert redact(fields) == fields
