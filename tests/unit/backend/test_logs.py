"""Log lines: ECS, one a line, rotating, with the request id and without secrets."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from backend.observability import logfile
from backend.observability.context import working_on
from backend.observability.logs import configure_logging
from backend.observability.redaction import redact, redact_text
from backend.observability.storms import MOST_ALIKE, MOST_KINDS, Kind, Storms
from backend.observability.tally import LINES
from backend.observability.work import Work
from tests.fixtures.running import eventually

logger = logging.getLogger("backend.test")


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Configure logging to a file, and put everything back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    path = tmp_path / "logs" / "api-1.log"
    configure_logging(service="api", log_file=path, node="api-1", version="1")
    yield path
    root.handlers[0].close()
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def _lines(file: Path) -> list[dict[str, Any]]:
    logging.getLogger().handlers[0].flush()
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


def test_a_line_has_the_fields_of_ecs_and_those_of_the_occurrence(file: Path) -> None:
    logger.info("Done %s", 1, extra={"event.action": "test"})
    (line,) = _lines(file)
    assert line["message"] == "Done 1"
    assert line["event.action"] == "test"
    assert (line["service.name"], line["service.node.name"]) == ("api", "api-1")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["@timestamp"])


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
    logger.info("Odd", extra={"pharos.cause": object})
    assert "<class 'object'>" in _lines(file)[0]["pharos.fields"]


def test_a_field_of_another_name_or_type_than_declared_cannot_spoil_the_mapping(
    file: Path,
) -> None:
    logger.info("Odd", extra={"event.duration": "long", "status": {"token": "hunter22"}})
    (line,) = _lines(file)
    assert "event.duration" not in line
    stray = {"event.duration": "long", "status": {"token": "[redacted]"}}
    assert orjson.loads(line["pharos.fields"]) == stray


def test_files_rotate_and_the_oldest_go(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logfile, "MAX_BYTES", 2000)
    for number in range(40):
        logger.warning("%s", "x" * 500, extra={"event.sequence": number})
        logger.warning("%d %s", number, "x" * 500)
    assert len(list(file.parent.iterdir())) == logfile.KEPT_FILES + 1


def test_a_warning_is_in_the_file_at_once_and_takes_what_waits_along(file: Path) -> None:
    logger.info("first")
    logger.warning("second")
    assert [orjson.loads(line)["message"] for line in file.read_bytes().splitlines()] == [
        "first", "second",
    ]  # fmt: skip


def test_what_waits_is_written_soon_by_itself(file: Path) -> None:
    logger.info("soon")
    eventually(file.read_bytes, bool, "the line in the file")


def _accounted(file: Path) -> tuple[list[dict[str, Any]], int]:
    """Return the lines of a storm, its counts among them, and how many they say were left out."""
    lines = _lines(file)
    return lines, sum(line.get("pharos.suppressed", 0) for line in lines)


def test_a_storm_is_written_in_part_and_its_rest_counted_in_a_line(file: Path) -> None:
    before = LINES.copy()
    for number in range(500):
        logger.error("Database %d is away", number)
    lines, left_out = eventually(
        lambda: _accounted(file),
        lambda seen: sum("pharos.suppressed" not in line for line in seen[0]) + seen[1] == 500,
        "every line written or counted",
    )
    counts = [line for line in lines if "pharos.suppressed" in line]
    assert {(line["pharos.storm"], line["log.level"]) for line in counts} == {
        ("Database %d is away", "error")
    }
    assert (LINES - before)["error", "suppressed"] == left_out > 0
    assert (LINES - before)["error", "written"] == len(lines)


def test_distinct_work_is_no_storm(file: Path) -> None:
    kind = Work(logger, "request", "GET / 200", {"http.request.method": "GET"})
    for number in range(500):
        with working_on(f"r-{number}"):
            kind.done({"event.duration": number, "url.path": "/users/ann@example.org"})
    lines = _lines(file)
    assert len(lines) == 500
    assert (
        lines[7].items()
        >= {
            "event.action": "request",
            "event.duration": 7,
            "http.request.id": "r-7",
            "http.request.method": "GET",
            "log.level": "info",
            "message": "GET / 200",
            "url.path": "/users/[address]",
        }.items()
    )


def test_work_and_other_lines_keep_their_order(file: Path) -> None:
    Work(logger, "request", "first").done({"event.duration": 1})
    logger.info("second")
    Work(logger, "request", "third").done({"event.duration": 1})
    assert [line["message"] for line in _lines(file)] == ["first", "second", "third"]


def test_work_is_a_record_for_a_handler_that_is_not_ours(caplog: pytest.LogCaptureFixture) -> None:
    Work(logger, "request", "GET / 500", level=logging.WARNING).done({"event.duration": 3})
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("WARNING", "GET / 500")
    assert vars(record)["event.duration"] == 3


def test_storms_of_countless_kinds_are_bounded() -> None:
    storms = Storms(clock=lambda: 0.0)
    storms.ended()
    admitted = [storms.admits(Kind("l", "info", str(n)), MOST_ALIKE) for n in range(10_000)]
    assert sum(admitted) == MOST_KINDS + MOST_ALIKE


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdefgh.ijk", "abcdefgh"),
        ("redis://:pa55word@host:1/0", "pa55word"),
        ("password=hunter22 failed", "hunter22"),
        ("Key (email)=(ann@example.org) already exists.", "ann@"),
        ('{"password": "hunter 22", "n": 1}', "hunter"),
        ("{'api_key': 'hunter22'}", "hunter22"),
        ("postgres_password=hunter22", "hunter22"),
        ("GET /x?access_token=hunter22&n=1", "hunter22"),
        ("Cookie: session=hunter22; other=hunter23", "hunter2"),
        ("http://hunter22@localhost:8000/1", "hunter22"),
        ("/v1/users/ann%40example.org", "ann%40"),
        ("Agent/1.0 (+mailto:ann@example.org)", "ann@"),
    ],
)
def test_free_text_loses_its_secrets(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


@pytest.mark.parametrize(
    "name", ["password", "Authorization", "set-cookie", "sentry_dsn", "fault_token", "user.email"]
)
def test_fields_whose_name_says_secret_are_never_shown(name: str) -> None:
    assert redact({"outer": [{name: "value-itself"}]}) == {"outer": [{name: "[redacted]"}]}


def test_long_hostile_texts_are_cut_and_cost_little() -> None:
    text = redact_text("a." * 1_000_000 + "@")
    assert len(text) < 9_000
    assert redact_text("secret" + "a" * 8_000).startswith("secreta")


def test_what_is_no_secret_stays() -> None:
    fields = {"url.path": "/v1/users/1", "count": 3, "ok": True, "none": None}
    assert redact(fields) == fields
