"""Unhandled exceptions: counted within a budget, reported scrubbed, with the request's id."""

from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from backend.observability.catalogue import EXCEPTIONS, Process
from backend.observability.context import working_on
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments


class KeptTransport(Transport):
    """Keeps what would have been sent."""

    kept: list[dict[str, Any]]

    def __init__(self) -> None:
        super().__init__()
        self.kept = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.kept.append(dict(event))


@pytest.fixture
def instruments() -> Instruments:
    return Instruments(Process.API, "1")


@pytest.fixture
def sent(instruments: Instruments) -> Iterator[tuple[ErrorReports, list[dict[str, Any]]]]:
    """Return reports to a tracker whose wire is this test's."""
    reports = ErrorReports(instruments, dsn="http://key@127.0.0.1:1/1", node="api-1")
    transport = KeptTransport()
    sentry_sdk.get_client().transport = transport
    yield reports, transport.kept
    # Not `init()`: that would hook every default integration into this process for good.
    sentry_sdk.get_global_scope().set_client(None)


Sent = tuple[ErrorReports, list[dict[str, Any]]]


def test_an_exception_is_reported_once_with_the_request_id(sent: Sent) -> None:
    reports, kept = sent
    with working_on("r-1"):
        reports.capture(ValueError("broken"))
    (event,) = kept
    assert event["tags"] == {"request_id": "r-1"}
    assert event["server_name"] == "api-1"


def test_a_report_carries_no_secret_no_address_and_no_variables(sent: Sent) -> None:
    reports, kept = sent
    with pytest.raises(ValueError, match="Key") as failure:
        _fail("Key (email)=(ann@example.org), token=abc123")
    reports.capture(failure.value)
    (exception,) = kept[0]["exception"]["values"]
    assert exception["value"] == "Key (email)=([address]), token=[redacted]"
    assert not any("vars" in frame for frame in exception["stacktrace"]["frames"])


def _fail(message: str) -> None:
    raise ValueError(message)


def test_without_a_tracker_it_is_counted(instruments: Instruments) -> None:
    reports = ErrorReports(instruments)
    reports.capture(ValueError())
    assert b'pharos_exceptions_total{kind="ValueError"} 1.0' in instruments.exposition()[0]


def test_kinds_beyond_the_budget_are_counted_as_other(instruments: Instruments) -> None:
    reports = ErrorReports(instruments)
    for number in range(EXCEPTIONS.budget + 5):
        reports.capture(type(f"Error{number}", (Exception,), {})())
    text = instruments.exposition()[0].decode()
    series = [line for line in text.splitlines() if line.startswith("pharos_exceptions_total{")]
    assert len(series) == EXCEPTIONS.budget
    assert 'pharos_exceptions_total{kind="other"} 6.0' in series
