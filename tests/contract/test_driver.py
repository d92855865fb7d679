"""What every driver of replicas keeps, the fake included."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from rich.console import Console

from deploy.driver import (
    LONGEST_DRAIN,
    AlreadyAsideError,
    CountOutOfBoundsError,
    Driver,
    DriverError,
    DriverUnavailableError,
    LastReplicaError,
    Note,
    Replica,
    StaleTargetError,
    UnansweredError,
    UnknownTargetError,
)
from deploy.home import Home
from deploy.local.agent.server import build
from deploy.local.down import down
from deploy.local.driver import LocalDriver
from deploy.local.progress import Steps
from deploy.local.up import up
from deploy.secrets import ensure_secrets
from tests.fakes.driver import FakeDriver
from tests.fakes.hanging_up import hanging_up
from tests.fakes.parts import small_parts
from tests.fixtures.running import eventually
from tests.fixtures.stack import free_ports, new_home

PARTS = small_parts()
NOTE = Note(by="ada", reason="a test")


@pytest.fixture(scope="module")
def supervised() -> Iterator[Home]:
    """A small stack with its node agent."""
    home = new_home("driver")
    up(home, Steps(Console(stderr=True)), parts=PARTS)
    config = uvicorn.Config(build(home, PARTS), port=home.ports["agent"], log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started, bool, "the node agent serving")
    yield home
    server.should_exit = True
    thread.join()
    down(home, print, wipe=True)
    shutil.rmtree(home.root)


@pytest.fixture(params=["fake", "local"])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    if request.param == "fake":
        yield FakeDriver()
        return
    local = LocalDriver(request.getfixturevalue("supervised"))
    local.scale("api", 2)
    _replicas_when(local, 2)
    yield local
    local.close()


@pytest.fixture(params=["fake", "local"])
def unreachable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    if request.param == "fake":
        fake = FakeDriver()
        fake.unavailable = True
        yield fake
        return
    local = LocalDriver(Home(tmp_path, free_ports()))
    yield local
    local.close()


@pytest.fixture(params=["fake", "local"])
def unanswering(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Driver]:
    if request.param == "fake":
        fake = FakeDriver()
        fake.unanswered = True
        yield fake
        return
    home = Home(tmp_path, free_ports())
    ensure_secrets(home.keys)
    with hanging_up(home.ports["agent"]):
        local = LocalDriver(home)
        yield local
        local.close()


def _api(driver: Driver) -> list[Replica]:
    return [row for row in driver.status().replicas if row.role == "api"]


def _replicas_when(driver: Driver, count: int) -> list[Replica]:
    """Return the api replicas once there are exactly `count`, all ready."""
    return eventually(
        lambda: _api(driver),
        lambda rows: len(rows) == count and all(row.ready for row in rows),
        f"{count} ready replicas",
    )


def _serving_when(driver: Driver, wanted: list[bool]) -> None:
    """Wait until these serve: one that answers late twice in a row is not ready for a moment."""
    eventually(
        lambda: [row.serves for row in _api(driver)],
        lambda serving: serving == wanted,
        f"serving: {wanted}",
    )


@pytest.mark.parametrize("count", [3, 1])
def test_scaling_ends_with_that_many_ready_replicas(driver: Driver, count: int) -> None:
    driver.scale("api", count)
    assert driver.desired("api") == count
    rows = _replicas_when(driver, count)
    assert [row.id for row in rows] == [f"api-{slot}" for slot in range(1, count + 1)]


def test_scaling_leaves_the_other_replicas_as_they_are(driver: Driver) -> None:
    before = {row.id: row.pid for row in _replicas_when(driver, 2)}
    driver.scale("api", 3)
    after = {row.id: row.pid for row in _replicas_when(driver, 3)}
    assert before.items() <= after.items()


@pytest.mark.parametrize("count", [0, 17])
def test_a_count_outside_the_bounds_is_refused_and_changes_nothing(
    driver: Driver, count: int
) -> None:
    bounds = driver.bounds("api")
    assert not bounds.minimum <= count <= bounds.maximum
    with pytest.raises(CountOutOfBoundsError, match="1 to 16"):
        driver.scale("api", count)
    assert driver.desired("api") == 2


def test_an_unknown_role_is_refused_everywhere(driver: Driver) -> None:
    for ask in (driver.bounds, driver.desired, lambda role: driver.scale(role, 1)):
        with pytest.raises(UnknownTargetError, match="sails"):
            ask("sails")


@pytest.fixture(params=["drain", "quarantine"])
def put_aside(request: pytest.FixtureRequest, driver: Driver) -> Callable[[str], None]:
    """Put a replica aside in one of the two ways, until it is released."""
    act = driver.drain if request.param == "drain" else driver.quarantine
    return lambda name: act(name, NOTE)


def test_a_replica_that_is_put_aside_lives_on_and_is_shown_so_until_it_is_released(
    driver: Driver, put_aside: Callable[[str], None]
) -> None:
    target = _replicas_when(driver, 2)[0]
    put_aside(target.id)
    shown = _api(driver)[0]
    put_aside(target.id)
    again = _api(driver)[0]
    assert shown.aside is not None
    assert again.aside is not None
    assert (shown.pid, shown.aside.by, shown.aside.reason) == (target.pid, "ada", "a test")
    assert (shown.serves, shown.aside.until) == (False, None)
    assert again.aside.since == shown.aside.since
    driver.release(target.id)
    driver.release(target.id)
    assert [row.aside for row in _api(driver)] == [None, None]
    _serving_when(driver, [True, True])


def test_the_last_replica_that_serves_cannot_be_put_aside(
    driver: Driver, put_aside: Callable[[str], None]
) -> None:
    first, second = _replicas_when(driver, 2)
    put_aside(first.id)
    with pytest.raises(LastReplicaError, match=f"{second.id} .*scale api up"):
        put_aside(second.id)
    _serving_when(driver, [False, True])
    driver.release(first.id)


def test_a_replica_that_is_scaled_away_is_put_aside_no_more(
    driver: Driver, put_aside: Callable[[str], None]
) -> None:
    _replicas_when(driver, 2)
    put_aside("api-2")
    driver.scale("api", 1)
    _replicas_when(driver, 1)
    driver.scale("api", 2)
    assert all(row.serves for row in _replicas_when(driver, 2))


@pytest.mark.parametrize("name", ["api-9", "relay", "nobody"])
def test_only_api_replicas_can_be_put_aside(
    driver: Driver, put_aside: Callable[[str], None], name: str
) -> None:
    for act in (put_aside, driver.release):
        with pytest.raises(UnknownTargetError, match=name):
            act(name)


def test_a_drain_tells_what_is_in_flight_and_ends_by_itself_in_time(driver: Driver) -> None:
    _replicas_when(driver, 2)
    driver.drain("api-2", NOTE, 300)
    drained = eventually(
        lambda: _api(driver)[1].aside,
        lambda aside: aside is None or aside.in_flight == 0,
        "idle",
    )
    assert drained is not None
    assert drained.until is not None
    # Only now, since a short drain may be over before anybody has looked at it.
    driver.drain("api-2", NOTE, 1)
    eventually(lambda: _api(driver)[1].serves, bool, "let back")


@pytest.mark.parametrize("seconds", [0, LONGEST_DRAIN + 1, 1e12])
def test_a_drain_with_an_end_that_is_out_of_bounds_is_refused(
    driver: Driver, seconds: float
) -> None:
    _replicas_when(driver, 2)
    with pytest.raises(DriverError, match="seconds"):
        driver.drain("api-2", NOTE, seconds)
    assert [row.aside for row in _api(driver)] == [None, None]


def test_a_drain_that_ends_takes_no_longer_ones_place(driver: Driver) -> None:
    _replicas_when(driver, 2)
    driver.drain("api-2", NOTE)
    with pytest.raises(AlreadyAsideError, match=r"api-2 .*ada.*release"):
        driver.drain("api-2", NOTE, 3)
    driver.quarantine("api-2", NOTE)
    with pytest.raises(AlreadyAsideError, match="release"):
        driver.drain("api-2", NOTE)
    aside = _api(driver)[1].aside
    assert aside is not None
    assert aside.kind == "quarantine"
    driver.release("api-2")


def test_a_restarted_replica_comes_back_as_another_process_and_stays_aside(
    driver: Driver,
) -> None:
    target = _replicas_when(driver, 2)[1]
    assert target.pid is not None
    driver.drain(target.id, NOTE)
    driver.restart(target.id, target.pid)
    row = eventually(
        lambda: _api(driver)[1],
        lambda row: row.ready and row.pid != target.pid,
        f"{target.id} back",
    )
    assert row.aside is not None
    with pytest.raises(StaleTargetError, match=target.id):
        driver.restart(target.id, target.pid)
    with pytest.raises(UnknownTargetError, match="api-9"):
        driver.restart("api-9", 1)
    driver.release(target.id)


def test_an_unreachable_agent_is_said_so(unreachable: Driver) -> None:
    for ask in (unreachable.status, lambda: unreachable.scale("api", 3)):
        with pytest.raises(DriverUnavailableError, match="pharos up"):
            ask()


@pytest.mark.parametrize(
    "change",
    [
        lambda driver: driver.scale("api", 3),
        lambda driver: driver.drain("api-1", NOTE),
        lambda driver: driver.release("api-1"),
    ],
)
def test_of_a_change_without_an_answer_nobody_says_that_it_was_not_made(
    unanswering: Driver, change: Callable[[Driver], None]
) -> None:
    with pytest.raises(UnansweredError, match="whether it was done is not known"):
        change(unanswering)


def test_a_question_without_an_answer_has_changed_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path, free_ports())
    ensure_secrets(home.keys)
    with hanging_up(home.ports["agent"]):
        local = LocalDriver(home)
        with pytest.raises(DriverUnavailableError, match="pharos up"):
            local.status()
        local.close()
