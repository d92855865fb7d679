"""Drills whose fault is under a lease: made, kept, taken back, and read back; or ended without."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaos.journal import JOURNAL, read_journal
from chaos.runner.experiments import Plan
from chaos.runner.halt import throw_halt
from chaos.schemas import DrillVerdict, Verdict
from chaos.signals.expected import ExpectedMetric
from tests.fakes.drills import leased_plan
from tests.integration.chaos.test_drill import RUN, Room

END = ["aborted", "fault.reverted", "undo", "run.ended"]
NEVER = ExpectedMetric(metric="up == 0", within=60)
SOON = ExpectedMetric(metric="up == 0", within=20)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def lasting(plan: Plan, signal: ExpectedMetric = NEVER) -> Plan:
    """Return the plan with a fault that lasts until the signal is seen."""
    return plan.model_copy(update={"signals": [signal]})


def once(room: Room, kind: str, act: Callable[[], Any]) -> None:
    """Do something as soon as the journal tells of `kind`."""

    def wait() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if (room.home.drills / RUN / JOURNAL).exists() and kind in room.kinds():
                act()
                return
            time.sleep(0.02)

    threading.Thread(target=wait, daemon=True).start()


def run(room: Room, plan: Plan) -> DrillVerdict:
    verdict = room.run(plan)
    assert [t.name for t in threading.enumerate() if t.name == "renewer"] == []
    return verdict


def test_a_fault_is_made_taken_back_and_read_back(room: Room) -> None:
    verdict = run(room, leased_plan())
    assert verdict.verdict is Verdict.PASSED, verdict.reason
    assert room.kinds() == [
        "run.started",
        "steady.before",
        "fault.injecting",
        "fault.injected",
        "fault.reverted",
        "recovering",
        "recovered",
        "impact",
        "steady.after",
        "undo",
        "run.ended",
    ]
    assert verdict.fault_ended_at is not None
    assert room.places.of_agent.held == {}
    assert room.places.of_agent.asked[0].target == verdict.target


def test_a_fault_inside_a_replica_is_asked_of_the_replica(room: Room) -> None:
    plan = leased_plan("failing-readiness")
    verdict = run(room, plan)
    assert verdict.verdict is Verdict.PASSED, verdict.reason
    assert room.places.of_replicas.asked[0].target == verdict.target
    assert room.places.of_agent.asked == []


def test_a_lease_is_renewed_for_as_long_as_the_drill_wants_its_fault(room: Room) -> None:
    place = room.places.of_agent
    once(room, "fault.injected", lambda: _later(place, room))
    # A third of it passes between two renewals: one may come four seconds late, and it holds.
    verdict = run(room, lasting(leased_plan(lease_seconds=9.0), SOON))
    assert verdict.verdict is Verdict.PASSED, verdict.reason
    assert place.renewals >= 3


def _later(place: Any, room: Room) -> None:
    while place.renewals < 3:
        time.sleep(0.05)
    room.sources.holding.add(SOON.metric)


def test_a_lease_that_ends_early_aborts_the_drill(room: Room) -> None:
    once(room, "fault.injected", room.places.of_agent.end)
    verdict = run(room, lasting(leased_plan(lease_seconds=1.0)))
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "ended early" in verdict.reason
    kinds = room.kinds()
    assert [kind for kind in kinds if kind in END] == END
    assert "ended early" in next(
        entry.message for entry in read_journal(room.home.drills / RUN) if entry.kind == "aborted"
    )


def test_a_halt_takes_the_fault_back_at_once(room: Room) -> None:
    once(room, "fault.injected", lambda: throw_halt(room.home, "ben", "a real incident"))
    verdict = run(room, lasting(leased_plan(lease_seconds=60.0)))
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert verdict.undo is not None
    assert verdict.undo.clean
    assert room.places.of_agent.held == {}
    kinds = room.kinds()
    assert [kind for kind in kinds if kind in END] == END


def test_a_fault_that_is_not_made_fails_the_drill_and_is_taken_back_in_case(room: Room) -> None:
    room.places.of_agent.away = True
    once(room, "activity.failed", lambda: setattr(room.places.of_agent, "away", False))
    verdict = run(room, leased_plan())
    assert verdict.verdict is Verdict.FAILED
    assert "the action failed: pause at api-" in verdict.reason


def test_a_target_that_refuses_makes_the_drill_inconclusive(room: Room) -> None:
    room.places.of_agent.refuses = True
    verdict = run(room, leased_plan())
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "refused, nothing was injected" in verdict.reason


def test_the_last_replica_that_serves_is_never_hit(room: Room) -> None:
    room.driver.scale("api", 1)
    verdict = run(room, leased_plan())
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "the last one is never hit" in verdict.reason


def test_a_fault_at_each_replica_of_a_role_is_made_and_taken_back_at_all_of_them(
    room: Room,
) -> None:
    verdict = run(room, leased_plan("unscraped", inject="inject_each"))
    assert verdict.verdict is Verdict.PASSED, verdict.reason
    asked = room.places.of_agent.asked
    assert [each.target for each in asked] == ["api-1", "api-2"]
    assert [each.id for each in asked] == [f"{RUN}-1", f"{RUN}-2"]
    assert room.kinds().count("fault.reverted") == 2
    assert room.places.of_agent.held == {}


def test_a_fault_that_is_refused_at_each_replica_makes_the_drill_inconclusive(room: Room) -> None:
    room.places.of_agent.refuses = True
    verdict = run(room, leased_plan(inject="inject_each"))
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "refused, nothing was injected" in verdict.reason


def test_an_undo_that_fails_fails_the_drill_and_names_what_is_left(room: Room) -> None:
    room.places.of_agent.stuck = True
    verdict = run(room, leased_plan(lease_seconds=60.0))
    assert verdict.verdict is Verdict.FAILED
    assert verdict.undo is not None
    assert not verdict.undo.clean
    assert "pause at api-" in verdict.undo.residue[0]


def test_residue_without_a_lease_is_left_behind_all_the_same(room: Room) -> None:
    room.places.of_agent.residue = ["api-2 is stopped, and no lease holds it"]
    verdict = run(room, leased_plan())
    assert verdict.verdict is Verdict.FAILED
    assert "left behind: api-2 is stopped" in verdict.reason


def test_what_cannot_be_read_back_is_never_passed(room: Room) -> None:
    room.places.of_agent.unreadable = True
    verdict = run(room, leased_plan())
    assert verdict.verdict is Verdict.INCONCLUSIVE, verdict.reason
    assert "could not be read back" in verdict.reason


def test_an_unknown_target_is_answered_with_the_known_ones(room: Room) -> None:
    verdict = run(room, leased_plan(target="postgres"))
    assert "name one of api, relay, worker" in verdict.reason


def test_the_journal_says_what_was_asked_before_it_was_done(room: Room) -> None:
    run(room, leased_plan())
    lines = {line.kind: line for line in read_journal(room.home.drills / RUN)}
    asked = lines["fault.injecting"].fields["fault"]
    assert (asked["id"], asked["kind"], asked["lease_seconds"]) == (f"{RUN}-1", "pause", 30.0)
