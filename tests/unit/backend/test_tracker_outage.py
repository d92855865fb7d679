"""A tracker that is away, or hangs: nobody waits, nothing grows, everything is counted."""

import logging
import socket
from collections.abc import Iterator

import pytest

from backend.observability.catalogue import Process
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from backend.observability.tracker import QUEUE, _Transport
from tests.fixtures.running import PATIENCE, eventually


@pytest.fixture
def instruments() -> Instruments:
    return Instruments(Process.API, "1")


@pytest.fixture
def hanging() -> Iterator[socket.socket]:
    """Return somebody who takes connections and never answers, until it is closed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def _dropped(instruments: Instruments) -> float:
    lines = instruments.exposition()[0].decode().splitlines()
    name = 'pharos_error_reports_total{outcome="dropped"} '
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


def test_a_tracker_that_refuses_costs_a_count_and_one_line(
    instruments: Instruments, caplog: pytest.LogCaptureFixture
) -> None:
    reports = ErrorReports(instruments, dsn="http://key@127.0.0.1:1/1")
    for _ in range(3):
        assert reports.capture(ValueError())
    eventually(lambda: _dropped(instruments), lambda count: count == 3, "each dropped")
    reports.close()
    assert _dropped(instruments) == 3
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 1
    assert "does not take reports" in told[0].getMessage()


def test_a_tracker_that_hangs_holds_up_nobody_and_is_sent_no_more_than_the_queue_holds(
    instruments: Instruments, hanging: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The one on its way is not given up before the last is captured, however long that takes.
    monkeypatch.setattr(_Transport, "TIMEOUT", PATIENCE)
    reports = ErrorReports(instruments, dsn=f"http://key@127.0.0.1:{hanging.getsockname()[1]}/1")
    # Each would wait for so long, were it sent by the one who captures it.
    events = [reports.capture(ValueError()) for _ in range(3 * QUEUE)]
    taken = [event for event in events if event]
    # One may be on its way while the queue is full.
    assert QUEUE <= len(taken) <= QUEUE + 1
    assert _dropped(instruments) == len(events) - len(taken)
    hanging.close()
    eventually(lambda: _dropped(instruments), lambda count: count == len(events), "all dropped")
    reports.close()
    assert _dropped(instruments) == len(events)
