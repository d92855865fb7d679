"""Whole drills through the engine, over a fake driver and fake users."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.schemas.faults import Injection
from chaos.journal import VERDICT, JournalError, read_journal, read_verdict, was_halted
from chaos.runner.experiments import Plan
from chaos.runner.guards import GuardError, alone
from chaos.runner.halt import throw_halt
from chaos.runner.run import Order, Surroundings, run_drill
from chaos.schemas import DrillVerdict, Verdict
from deploy.home import Home
from deploy.ports import Ports
from tests.fakes.drills import quick_plan
from tests.fakes.driver import FakeDriver
from tests.fakes.places import FakePlaces, kill
from tests.fakes.signals import FakeSources
from tests.fakes.traffic import FakeTraffic

RUN = "20260131T120000-a1b2"
WHOLE = [
    "run.started",
    "steady.before",
    "fault.injecting",
    "fault.injected",
    "recovering",
    "recovered",
    "impact",
    "steady.after",
    "undo",
    "run.ended",
]


class Room:
    """A home, a driver and users; `run` runs one drill over them."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root, Ports(9700))
        self.driver = FakeDriver(api=2)
        self.traffic = FakeTraffic()
        self.sources = FakeSources()
        self.places = FakePlaces()
        self.places.of_agent.on_inject = self._hit
        self._act: Callable[[], Any] | None = None
        self.environment = "local"
        self.proof_seconds = 30.0

    def run(self, plan: Plan | None = None) -> DrillVerdict:
        order = Order(RUN, plan or quick_plan(), "ana", "to see whether users notice", 4242)
        around = Surroundings(
            self.home,
            self.environment,
            self.driver,
            self.traffic,
            "http://127.0.0.1:1",
            self.sources,
            self.places,
            proof_seconds=self.proof_seconds,
        )
        return run_drill(order, around)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in read_journal(self.home.drills / RUN)]

    def on_kill(self, act: Callable[[], Any]) -> None:
        """Do something at the moment of the fault."""
        self._act = act

    def _hit(self, injection: Injection) -> None:
        kill(self.driver, injection)
        if self._act is not None:
            self._act()


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_a_replica_that_comes_back_unnoticed_passes(room: Room) -> None:
    verdict = room.run()
    assert verdict.verdict is Verdict.PASSED, verdict.reason
    assert verdict.pid_after not in (None, verdict.pid_before)
    assert (verdict.steady_before, verdict.steady_after) == (True, True)
    assert verdict.impact.requests
    assert verdict.impact.failed == 0


def test_the_journal_tells_every_phase_in_order_and_ends_with_the_verdict(room: Room) -> None:
    verdict = room.run()
    assert room.kinds() == WHOLE
    last = read_journal(room.home.drills / RUN)[-1]
    assert last.fields == {"verdict": "passed", "reason": verdict.reason}
    assert read_verdict(room.home.drills / RUN) == verdict


def test_without_a_verdict_on_the_disk_the_journal_tells_no_end(room: Room) -> None:
    in_the_way = room.home.drills / RUN / VERDICT
    room.on_kill(in_the_way.mkdir)
    with pytest.raises(JournalError, match=r"cannot write .*verdict\.json"):
        room.run()
    assert room.kinds() == WHOLE[:-1]


def test_without_traffic_the_verdict_claims_nothing_about_users(room: Room) -> None:
    room.traffic = FakeTraffic(rate=0)
    verdict = room.run()
    assert verdict.verdict is Verdict.PASSED
    assert "no traffic" in verdict.reason
    assert verdict.impact.error_ratio is None


def test_a_stack_that_was_not_steady_is_left_alone(room: Room) -> None:
    room.driver.stuck = {"api-2"}
    room.driver.status()
    verdict = room.run()
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert verdict.steady_before is False
    assert "1 of 2 api replicas ready" in verdict.reason
    assert room.driver.killed == []


def test_a_steady_state_that_cannot_be_seen_is_left_alone(room: Room) -> None:
    room.traffic.blind = True
    verdict = room.run()
    assert (verdict.verdict, verdict.steady_before) == (Verdict.INCONCLUSIVE, None)
    assert room.driver.killed == []


def test_the_last_ready_replica_makes_the_drill_inconclusive(room: Room) -> None:
    room.driver = FakeDriver(api=1)
    verdict = room.run()
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "the last one is never hit" in verdict.reason
    assert "recovering" not in room.kinds()


def test_a_halt_that_the_runner_has_not_seen_yet_keeps_its_fault_from_being_made(
    room: Room,
) -> None:
    room.places.of_agent.refuses = True
    before = {row.id: row.pid for row in room.driver.status().replicas}
    verdict = room.run()
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "revert it first" in verdict.reason
    assert {row.id: row.pid for row in room.driver.status().replicas} == before


def test_an_action_that_fails_fails_the_drill_though_the_engine_calls_it_completed(
    room: Room,
) -> None:
    room.places.of_agent.away = True
    verdict = room.run()
    assert verdict.verdict is Verdict.FAILED
    assert "the action failed: kill at api-" in verdict.reason
    assert verdict.fault_at is None


def test_a_replica_that_stays_away_fails_the_drill_and_is_named_as_left_behind(
    room: Room,
) -> None:
    room.on_kill(lambda: room.driver.stuck.update({"api-1", "api-2"}))
    verdict = room.run(quick_plan(within=1.5))
    assert verdict.verdict is Verdict.FAILED
    assert "did not serve again" in verdict.reason
    assert verdict.undo is not None
    assert not verdict.undo.clean


def test_failed_requests_beyond_the_tolerance_fail_the_drill(room: Room) -> None:
    room.on_kill(lambda: room.traffic.fail(0.02))
    verdict = room.run()
    assert verdict.verdict is Verdict.FAILED
    assert "more than the allowed 0.10%" in verdict.reason


def test_a_prometheus_that_dies_with_the_fault_makes_the_impact_unknown(room: Room) -> None:
    room.on_kill(lambda: setattr(room.traffic, "blind", True))
    verdict = room.run()
    assert (verdict.verdict, verdict.steady_after) == (Verdict.INCONCLUSIVE, None)
    assert "impact is not known" in verdict.reason


def test_a_halt_in_the_middle_is_undone_read_back_and_never_passes(room: Room) -> None:
    room.on_kill(lambda: throw_halt(room.home, "ben", "a real incident"))
    verdict = room.run(quick_plan(seconds=60.0))
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert verdict.reason.startswith("halted by ben: a real incident")
    end = ["aborted", "undo", "run.ended"]
    # A step that is at its end when the halt is seen may be written down between the two.
    assert [kind for kind in room.kinds() if kind in end] == end
    assert room.kinds()[-2:] == end[-2:]
    assert was_halted(read_journal(room.home.drills / RUN))
    assert verdict.undo is not None
    assert verdict.undo.clean


def test_too_much_harm_stops_the_drill_and_fails_it(room: Room) -> None:
    room.on_kill(lambda: room.traffic.fail(1.0))
    verdict = room.run(quick_plan(seconds=60.0))
    assert verdict.verdict is Verdict.FAILED
    assert verdict.reason.startswith("stopped by its abort condition")
    assert not was_halted(read_journal(room.home.drills / RUN))
    assert "undo" in room.kinds()


def test_a_guard_refuses_in_the_journal_too(room: Room) -> None:
    room.environment = "production"
    with pytest.raises(GuardError, match="production"):
        room.run()
    assert room.kinds() == ["run.started", "refused", "run.ended"]
    verdict = read_verdict(room.home.drills / RUN)
    assert verdict is not None
    assert verdict.verdict is Verdict.INCONCLUSIVE


def test_two_drills_do_not_overlap(room: Room) -> None:
    with alone(room.home, "the-first"), pytest.raises(GuardError, match="the-first"):
        room.run()
    assert room.driver.killed == []


def test_a_drill_leaves_no_thread_behind(room: Room) -> None:
    before = set(threading.enumerate())
    room.run()
    left = [thread.name for thread in set(threading.enumerate()) - before]
    assert not [name for name in left if name.startswith("_for")]
