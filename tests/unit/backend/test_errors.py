"""Unhandled exceptions: counted within a budget, reported scrubbed, found again by their ids."""

import logging
from collections.abc import Iterator

import pytest

from backend.observability.breadcrumbs import LINES, TRAILS, Trails
from backend.observability.catalogue import EXCEPTIONS, Process
from backend.observability.context import working_on
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from backend.observability.tracker import _Transport
from backend.observability.work import Work
from tests.fakes.tracker import FakeTracker
from tests.fixtures.running import PATIENCE

log = logging.getLogger("backend.test")
TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture
def instruments() -> Instruments:
    return Instruments(Process.API, "1")


@pytest.fixture
def tracker() -> Iterator[FakeTracker]:
    with FakeTracker().serving() as tracker:
        yield tracker


@pytest.fixture
def reports(
    instruments: Instruments,
    tracker: FakeTracker,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ErrorReports]:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(_Transport, "TIMEOUT", PATIENCE)
    reports = ErrorReports(
        instruments, dsn=tracker.dsn, environment="staging", release="1.2", node="api-1"
    )
    yield reports
    reports.close()


def _logged(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.exc_info]


def test_an_exception_is_reported_once_with_where_it_happened(
    reports: ErrorReports, tracker: FakeTracker
) -> None:
    with working_on("r-1", TRACE):
        reports.capture(ValueError("broken"), route="GET /v1/users")
    reports.flush(PATIENCE)
    (event,) = tracker.events()
    assert (event["release"], event["environment"]) == ("1.2", "staging")
    assert (event["server_name"], event["transaction"]) == ("api-1", "GET /v1/users")
    assert event["tags"] == {"request_id": "r-1"}
    assert event["contexts"]["trace"]["trace_id"] == "a" * 32


def test_the_log_line_and_the_caller_get_the_event_s_id(
    reports: ErrorReports, tracker: FakeTracker, caplog: pytest.LogCaptureFixture
) -> None:
    event = reports.capture(ValueError("broken"))
    reports.flush(PATIENCE)
    (line,) = _logged(caplog)
    assert vars(line)["error.id"] == event == tracker.events()[0]["event_id"]


def test_what_was_sent_is_counted(reports: ErrorReports, instruments: Instruments) -> None:
    reports.capture(ValueError())
    reports.flush(PATIENCE)
    assert b'pharos_error_reports_total{outcome="sent"} 1.0' in instruments.exposition()[0]


def test_breadcrumbs_are_what_this_request_logged_at_info_and_above(
    reports: ErrorReports, tracker: FakeTracker
) -> None:
    with working_on("other"):
        log.info("another request's line")
    with working_on("r-1"):
        log.debug("a detail")
        log.info("took %d", 3)
        log.critical("lost")
        reports.capture(ValueError())
    reports.flush(PATIENCE)
    crumbs = tracker.events()[0]["breadcrumbs"]["values"]
    told = [(crumb["level"], crumb["message"], crumb["category"]) for crumb in crumbs]
    assert told == [("info", "took 3", "backend.test"), ("fatal", "lost", "backend.test")]


def test_breadcrumbs_are_bounded_in_lines_and_in_requests() -> None:
    trails = Trails()
    for number in range(TRAILS + 1):
        with working_on(f"r-{number}"):
            for _ in range(LINES + 5 if number == TRAILS else 1):
                trails.handle(logging.makeLogRecord({"msg": "a line"}))
    with working_on(f"r-{TRAILS}"):
        assert len(trails.here()) == LINES
    with working_on("r-0"):
        assert trails.here() == []


def test_a_line_of_work_is_a_breadcrumb_as_any_other() -> None:
    trails = Trails()
    retried = Work(logging.getLogger("backend.test"), "handle", "event retried", level=30)
    with working_on("r-1"):
        trails.work(retried, {"event.duration": 1})
        (crumb,) = trails.here()
    assert (crumb["level"], crumb["message"]) == ("warning", "event retried")


def test_the_last_line_of_a_request_ends_its_trail() -> None:
    trails = Trails()
    answered = Work(logging.getLogger("backend.test"), "request", "GET / 200", last=True)
    with working_on("r-1"):
        trails.handle(logging.makeLogRecord({"msg": "a line"}))
        assert len(trails.here()) == 1
        trails.work(answered, {"event.duration": 1})
        assert trails.here() == []


SECRETS = {
    "an address": "ann@example.org",
    "a password": "password=hunter2",
    "a bearer token": "Bearer abcdef123456",
    "a database's address": "postgresql://pharos:hunter2@db/pharos",
}


@pytest.mark.parametrize("planted", SECRETS.values(), ids=SECRETS)
def test_a_report_carries_no_secret_wherever_it_was(
    reports: ErrorReports, tracker: FakeTracker, planted: str
) -> None:
    log.warning("seen %s", planted)
    with pytest.raises(LookupError) as failure:
        _fail(planted)
    reports.capture(failure.value)
    reports.flush(PATIENCE)
    hidden = planted.rpartition("=")[2].rpartition(" ")[2].removesuffix("@db/pharos")
    assert hidden.rpartition(":")[2] not in tracker.envelopes[0]


def _fail(planted: str) -> None:
    own = {"variable": planted}
    try:
        int(planted)
    except ValueError as error:
        raise LookupError(f"with {own['variable']}") from error


def test_a_lone_error_of_a_task_group_is_reported_as_itself(
    reports: ErrorReports, tracker: FakeTracker
) -> None:
    reports.capture(ExceptionGroup("tasks", [ExceptionGroup("inner", [KeyError("row")])]))
    reports.flush(PATIENCE)
    (exception,) = tracker.events()[0]["exception"]["values"]
    assert exception["type"] == "KeyError"


def test_work_that_fails_again_and_again_is_counted_each_time_and_reported_once(
    reports: ErrorReports, tracker: FakeTracker, instruments: Instruments
) -> None:
    events = {reports.capture_recurring(OSError("full"), "a loop", route="x") for _ in range(3)}
    reports.flush(PATIENCE)
    assert events == {tracker.events()[0]["event_id"]}
    assert len(tracker.events()) == 1
    assert b'pharos_exceptions_total{kind="OSError"} 3.0' in instruments.exposition()[0]


def test_without_a_tracker_it_is_counted_and_no_line_is_kept(
    instruments: Instruments, caplog: pytest.LogCaptureFixture
) -> None:
    reports = ErrorReports(instruments)
    assert reports.capture(ValueError()) is None
    assert b'pharos_exceptions_total{kind="ValueError"} 1.0' in instruments.exposition()[0]
    assert "error.id" not in vars(_logged(caplog)[0])
    assert not any(isinstance(handler, Trails) for handler in logging.getLogger().handlers)


def test_what_is_no_dsn_is_said_and_stops_nothing(
    instruments: Instruments, caplog: pytest.LogCaptureFixture
) -> None:
    ErrorReports(instruments, dsn="nonsense").capture(ValueError())
    assert "PHAROS_SENTRY_DSN is not an address such as http://KEY@HOST/PROJECT" in caplog.text


def test_kinds_beyond_the_budget_are_counted_as_other(instruments: Instruments) -> None:
    reports = ErrorReports(instruments)
    for number in range(EXCEPTIONS.budget + 5):
        reports.capture(type(f"Error{number}", (Exception,), {})())
    text = instruments.exposition()[0].decode()
    series = [line for line in text.splitlines() if line.startswith("pharos_exceptions_total{")]
    assert len(series) == EXCEPTIONS.budget
    assert 'pharos_exceptions_total{kind="other"} 6.0' in series
