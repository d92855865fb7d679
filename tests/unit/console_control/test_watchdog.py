"""The watchdog's silence: told once, ended once, whatever restarts meanwhile."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backend.observability.catalogue import Process
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from console.control.services.watchdog import FINGERPRINT, Watchdog
from console.control.storage import alerts
from console.control.storage.database import Database
from tests.fixtures.control_service import Clock

LIMIT, GRACE = timedelta(seconds=30), timedelta(seconds=60)


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.stop()
    return clock


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "control.sqlite3")
    yield database
    database.close()


def listening(database: Database, clock: Clock) -> Watchdog:
    errors = ErrorReports(Instruments(Process.CONTROL, "0"))
    return Watchdog(database, errors, clock, LIMIT, GRACE)


def reports(database: Database) -> list[str]:
    with database.read() as session:
        return [row.status for row in alerts.newest(session, None, 10)]


def wait(watchdog: Watchdog, clock: Clock, seconds: float) -> None:
    clock.ahead += timedelta(seconds=seconds)
    watchdog.follow()


def test_silence_is_told_once_after_the_limit_and_ended_when_it_is_heard(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    watchdog = listening(database, clock)
    watchdog.heard()
    wait(watchdog, clock, 30)
    assert reports(database) == []
    for _ in range(3):
        wait(watchdog, clock, 1)
    assert reports(database) == ["firing"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    watchdog.heard()
    watchdog.follow()
    assert reports(database) == ["resolved"]
    assert watchdog.age() == 0


def test_a_service_that_has_just_started_gives_it_longer(database: Database, clock: Clock) -> None:
    watchdog = listening(database, clock)
    wait(watchdog, clock, 60)
    assert reports(database) == []
    wait(watchdog, clock, 1)
    assert reports(database) == ["firing"]
    assert watchdog.age() == 61


def test_a_restart_in_the_middle_neither_tells_again_nor_forgets(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    wait(listening(database, clock), clock, 61)
    restarted = listening(database, clock)
    wait(restarted, clock, 61)
    assert reports(database) == ["firing"]
    assert len(caplog.records) == 1
    restarted.heard()
    restarted.follow()
    assert reports(database) == ["resolved"]


def test_it_says_since_when_nothing_was_heard(database: Database, clock: Clock) -> None:
    watchdog = listening(database, clock)
    watchdog.heard()
    heard = clock()
    wait(watchdog, clock, 31)
    with database.read() as session:
        row = alerts.firing(session, FINGERPRINT)
    assert row is not None
    assert row.starts_at == heard
    assert row.summary == "The watchdog has been silent for 31 s"
    assert (row.name, row.severity) == ("WatchdogSilent", "page")
