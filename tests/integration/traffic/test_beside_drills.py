"""The load beside a game day: it goes on until it is ended, and says when there was none."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.gameday.load import Load, day_plan
from chaos.traffic.plan import make_plan
from chaos.traffic.target import Target
from deploy.home import Home
from deploy.ports import Ports
from tests.fixtures.running import eventually
from tests.integration.traffic.standin import StandIn


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home; the process' own log stays as it is."""
    monkeypatch.setattr("chaos.gameday.load.lines.open_log", lambda *_: None)
    return Home(tmp_path, Ports(9700))


async def test_it_goes_on_beside_and_its_end_has_the_figures(
    product: StandIn, target: Target, home: Home
) -> None:
    load = Load(day_plan(rate=200.0), target, home)
    await asyncio.to_thread(load.begin)
    await asyncio.to_thread(
        eventually, lambda: len(product.events), lambda count: count >= 20, "the events"
    )
    finished, trouble = await asyncio.to_thread(load.end)
    assert trouble is None
    assert finished is not None
    assert finished.stopped
    assert finished.summary.failed == 0
    assert finished.summary.events_accepted >= 20
    assert (home.runs / f"{finished.summary.run}.jsonl").is_file()


async def test_without_anybody_there_it_says_so(home: Home) -> None:
    load = Load(day_plan(rate=50.0), Target("http://127.0.0.1:1", "secret"), home)
    await asyncio.to_thread(load.begin)
    finished, trouble = await asyncio.to_thread(load.end)
    assert finished is None
    assert trouble is not None
    assert "nothing answers" in trouble


async def test_one_that_comes_to_its_own_end_is_told_from_one_that_was_ended(
    product: StandIn, target: Target, home: Home
) -> None:
    load = Load(make_plan(None, 50.0, None, None, 0.2), target, home)
    await asyncio.to_thread(load.begin)
    await asyncio.to_thread(eventually, lambda: load.alive, lambda alive: not alive, "its end")
    finished, trouble = await asyncio.to_thread(load.end)
    assert trouble is None
    assert finished is not None
    assert not finished.stopped


async def test_a_log_that_is_rotated_ends_it_with_the_reason(
    product: StandIn, target: Target, home: Home, log: Callable[..., Path]
) -> None:
    path = log(["203.0.113.1"])
    load = Load(day_plan(200.0, path), target, home)
    await asyncio.to_thread(load.begin)
    await asyncio.to_thread(
        eventually, lambda: len(product.events), lambda count: count >= 1, "the events"
    )
    path.write_text("")
    await asyncio.to_thread(eventually, lambda: load.alive, lambda alive: not alive, "its end")
    finished, trouble = await asyncio.to_thread(load.end)
    assert finished is None
    assert trouble is not None
    assert "changed during the run" in trouble


async def test_whatever_breaks_it_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("no such thing")

    monkeypatch.setattr("chaos.gameday.load.lines.tell_begin", broken)
    load = Load(day_plan(rate=50.0), Target("http://127.0.0.1:1", "secret"), home)
    await asyncio.to_thread(load.begin)
    finished, trouble = await asyncio.to_thread(load.end)
    assert finished is None
    assert trouble is not None
    assert "no such thing" in trouble


def test_one_that_never_began_has_nothing_to_end(home: Home) -> None:
    load = Load(day_plan(rate=50.0), Target("http://127.0.0.1:1", "secret"), home)
    assert load.end() == (None, None)


def test_it_is_bounded_whatever_the_drills_do() -> None:
    assert day_plan(rate=50.0).seconds == 24 * 3600
