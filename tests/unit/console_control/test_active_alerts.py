"""What fires now, by what was delivered and what Alertmanager holds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.observability.catalogue import Process
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from console.control.alertmanager import Alertmanager, Held, HeldStatus
from console.control.errors import UnavailableError
from console.control.rule_alerts import RuleAlerts
from console.control.services.active_alerts import LOOK, MISSING, Active
from console.control.services.alerts import Alerts, Notification
from console.control.services.watchdog import Watchdog
from console.control.storage.database import Database
from tests.fixtures.control_service import Clock

NOWHERE = "http://127.0.0.1:1"
START = datetime(2026, 11, 22, 18, 0, 0, 123456, tzinfo=UTC)
# Alertmanager tells of its alerts to the millisecond, and delivers them in full.
TOLD = START.replace(microsecond=123000)


class Holding(Alertmanager):
    """Has one alert while it is not `empty`, and does not answer while it is `away`."""

    def __init__(self) -> None:
        super().__init__(NOWHERE)
        self.starts_at, self.empty, self.away = TOLD, False, False

    def held(self) -> list[Held]:
        if self.away:
            raise UnavailableError("away")
        alert = Held(fingerprint="f00", labels={}, starts_at=self.starts_at, status=HeldStatus())
        return [] if self.empty else [alert]


class World:
    """The service's alerts over one file; `look` moves the clock on to the next look."""

    def __init__(self, file: Path) -> None:
        self.clock, self.manager = Clock(), Holding()
        self.clock.stop()
        self.database = Database(file)
        instruments = Instruments(Process.CONTROL, "0")
        errors, limit = ErrorReports(instruments), timedelta(hours=1)
        watchdog = Watchdog(self.database, errors, self.clock, limit, limit)
        self.alerts = Alerts(self.database, instruments, self.clock, watchdog, list)
        rules = RuleAlerts(NOWHERE)
        self.active = Active(self.database, self.alerts, rules, self.manager, self.clock)

    def deliver(self, status: str) -> None:
        times = {"startsAt": START, "endsAt": START + timedelta(minutes=1)}
        alert = {"status": status, "fingerprint": "f00", "labels": {}, **times}
        self.alerts.take(Notification.model_validate({"alerts": [alert]}))

    def look(self) -> list[str]:
        self.clock.ahead += LOOK
        self.active.follow()
        return [alert.status for alert in self.alerts.newest(None, 10)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "control.sqlite3")
    yield world
    world.database.close()


def test_one_that_ended_and_is_held_again_with_its_start_goes_on(world: World) -> None:
    world.deliver("resolved")
    world.deliver("firing")
    assert [world.look() for _ in range(3)] == [["resolved"], ["firing"], ["firing"]]
    assert world.alerts.newest("firing", 1)[0].ends_at is None
    world.deliver("resolved")
    world.manager.empty = True
    assert [world.look() for _ in range(3)] == [["resolved"]] * 3


def test_one_look_alone_may_be_older_than_the_end(world: World) -> None:
    world.deliver("resolved")
    world.look()
    world.manager.empty = True
    assert world.look() == ["resolved"]
    world.manager.empty = False
    assert world.look() == ["resolved"]


def test_looks_count_only_one_after_the_other(world: World) -> None:
    world.deliver("resolved")
    world.look()
    world.manager.away = True
    world.look()
    world.manager.away = False
    assert world.look() == ["resolved"]


def test_another_firing_of_the_same_alert_opens_no_earlier_one(world: World) -> None:
    world.deliver("resolved")
    world.manager.starts_at = TOLD + timedelta(minutes=5)
    assert [world.look() for _ in range(3)] == [["resolved"]] * 3


def test_what_is_held_no_longer_is_closed_after_a_minute(world: World) -> None:
    world.deliver("firing")
    world.manager.empty = True
    world.look()
    world.clock.ahead += MISSING
    assert world.look() == ["resolved"]
