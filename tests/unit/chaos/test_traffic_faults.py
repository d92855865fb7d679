"""Traffic as a fault: what it sends, that it ends, and its caps."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaos.drill import Cause, Drill, entered
from chaos.errors import AbortedError, NotRecoveredError, RefusedError
from chaos.faults import traffic
from chaos.faults.traffic import AT_ONCE, METHODS, ended, scan, surge
from chaos.journal import read_journal
from chaos.probes.recovery import recovered
from tests.fakes.drills import fake_drill
from tests.fakes.driver import FakeDriver
from tests.fakes.visited import Visits, visited
from tests.fixtures.running import eventually


@pytest.fixture
def gateway() -> Iterator[tuple[str, Visits]]:
    with visited() as (url, visits):
        yield url, visits


@pytest.fixture
def visits(gateway: tuple[str, Visits]) -> Visits:
    return gateway[1]


@pytest.fixture
def drill(tmp_path: Path, gateway: tuple[str, Visits]) -> Iterator[Drill]:
    drill = fake_drill(tmp_path / "20260101T000000-0001")
    drill.gateway = gateway[0]
    with entered(drill):
        yield drill


def test_a_surge_reads_as_often_as_it_says(drill: Drill, visits: Visits) -> None:
    assert surge(a_second=100, seconds=0.3) == "30 of 404"
    assert len(visits.came) == 30
    assert {method for method, _ in visits.came} == {"GET"}
    assert len(drill.facts.own_requests) == 30, "none of them is a user's"
    assert drill.facts.fault_at is not None
    assert drill.facts.fault_ended_at is not None


def test_a_scan_comes_with_odd_methods_and_ever_other_paths(drill: Drill, visits: Visits) -> None:
    scan(requests=60, a_second=200)
    assert len({path for _, path in visits.came}) == 60
    methods = {method for method, _ in visits.came}
    assert len(methods) > 5
    assert methods <= set(METHODS)
    assert drill.facts.target == "gateway"


def test_the_gateway_must_be_ready_after_it(drill: Drill) -> None:
    surge(a_second=100, seconds=0.1)
    with pytest.raises(NotRecoveredError, match="gateway is gone"):
        recovered(within=0.1)
    assert isinstance(drill.driver, FakeDriver)
    drill.driver.others = ["gateway"]
    assert recovered(within=5) >= 0


def test_a_run_sends_what_it_sent_before(drill: Drill, visits: Visits) -> None:
    scan(requests=20, a_second=200)
    first = sorted(visits.came)
    visits.came.clear()
    scan(requests=20, a_second=200)
    assert sorted(visits.came) == first


def test_the_journal_has_what_is_sent_before_it_is_and_its_answers(
    drill: Drill, tmp_path: Path
) -> None:
    surge(a_second=100, seconds=0.05)
    assert ended()
    entries = read_journal(tmp_path / drill.run)
    kinds = ["fault.injecting", "fault.injected", "fault.reverted", "undo"]
    assert [entry.kind for entry in entries] == kinds
    assert entries[2].message == "Sent a surge of 100 requests a second: 5 of 404"


def test_a_gateway_that_is_away_is_counted_and_no_error(drill: Drill) -> None:
    drill.gateway = "http://127.0.0.1:1"
    assert surge(a_second=100, seconds=0.05) == "5 of ConnectError"


@pytest.mark.parametrize("under_way", [2, AT_ONCE])
def test_an_abort_ends_it_at_once_though_nothing_is_answered(
    drill: Drill, visits: Visits, monkeypatch: pytest.MonkeyPatch, under_way: int
) -> None:
    """Nor may another request be sent first, which could not while all that may be wait."""
    monkeypatch.setattr(traffic, "ANSWER_WITHIN", 600.0)
    visits.answers.clear()

    def abort() -> None:
        eventually(lambda: len(visits.came), lambda came: came >= under_way, "requests under way")
        drill.abort.set(Cause("ana", "stop"))

    aborting = threading.Thread(target=abort)
    aborting.start()
    with pytest.raises(AbortedError, match="ana: stop"):
        surge(a_second=100, seconds=100)
    aborting.join()
    assert drill.facts.fault_ended_at is not None


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"a_second": 201, "seconds": 1}, "a_second"),
        ({"a_second": 0.5, "seconds": 1}, "a_second"),
        ({"a_second": 1, "seconds": 121}, "seconds"),
        ({"a_second": 1, "requests": 20_001}, "requests"),
    ],
)
def test_what_is_beyond_the_caps_is_said_with_its_place(
    given: dict[str, float], place: str
) -> None:
    sending: Any = surge if "seconds" in given else scan
    assert [found for found, _ in sending.check(**given)] == [(place,)]


def test_what_is_beyond_the_caps_is_not_sent(drill: Drill, visits: Visits) -> None:
    with pytest.raises(RefusedError, match=r"a_second must be .* at most 200; seconds must be"):
        surge(a_second=201, seconds=121)
    with pytest.raises(RefusedError, match="requests must be above 0"):
        scan(requests=0, a_second=10)
    assert (visits.came, drill.facts.fault_at) == ([], None)


def test_what_is_within_the_caps_is_fine() -> None:
    assert list(scan.check(requests=10_000, a_second=150)) == []  # type: ignore[attr-defined]
