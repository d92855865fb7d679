"""A drill's own traffic in a rehearsal: a process sends it, and a halt or its end ends it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.rehearsal.practices import PRACTICES, SENT, Practice
from chaos.rehearsal.sending import Sending
from chaos.runner.halt import throw_halt
from deploy.faults import FaultNotDoneError
from deploy.home import Home
from tests.fakes.visited import Visits, visited
from tests.fixtures.running import eventually
from tests.fixtures.stack import free_ports

TRAFFIC = [practice for practice in PRACTICES if practice.kind in SENT]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, free_ports())


@pytest.fixture
def visits(home: Home) -> Iterator[Visits]:
    with visited(home.ports["gateway"]) as (_, visits):
        yield visits


def come(visits: Visits) -> None:
    eventually(lambda: len(visits.came), bool, "a request at the gateway")


@pytest.mark.parametrize("practice", TRAFFIC, ids=lambda each: each.kind)
def test_it_is_there_until_somebody_halts(home: Home, visits: Visits, practice: Practice) -> None:
    stage = Sending(practice, home)
    try:
        stage.make()
        come(visits)
        assert stage.is_there()
        assert stage.left() == [f"{practice.kind} is sent"]
        throw_halt(home, "ana", "a rehearsal")
        eventually(stage.left, lambda left: not left, "an end of it")
    finally:
        stage.take_back()
    assert len(visits.came) < 150, "it was all sent, so that nothing was halted"


def test_it_ends_when_it_is_taken_back(home: Home, visits: Visits) -> None:
    stage = Sending(TRAFFIC[0], home)
    stage.make()
    come(visits)
    stage.take_back()
    assert not stage.is_there()


def test_what_cannot_be_sent_is_said_with_the_reason(home: Home) -> None:
    stage = Sending(Practice("surge", "gateway", {"a_second": 1000, "seconds": 1}), home)
    try:
        with pytest.raises(FaultNotDoneError, match=r"it sends nothing: .*a_second must be"):
            stage.make()
    finally:
        stage.take_back()
