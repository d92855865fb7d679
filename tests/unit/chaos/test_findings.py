"""What the engine's record and the drill's facts say of each step."""

from pathlib import Path
from typing import Any

import pytest

from chaos.drill import Drill
from chaos.errors import AbortedError, BlindError, NotRecoveredError, NotSpentError
from chaos.faults.undoing import undone
from chaos.journal import utc_now
from chaos.runner.findings import evidence_of
from chaos.runner.narrator import ERROR
from chaos.schemas import Tolerance
from chaos.verdict.evidence import Evidence, Outcome
from tests.fakes.drills import fake_drill

TOLERANCE = Tolerance(error_ratio=0.001, p99_seconds=1.0)


@pytest.fixture
def drill(tmp_path: Path) -> Drill:
    drill = fake_drill(tmp_path / "20260101T000000-0001")
    drill.facts.target, drill.facts.recovery_words = "relay", "was well again within 1.0 s"
    drill.facts.recovered_at = utc_now()
    return drill


def probe(function: str, error: Exception | None = None) -> dict[str, Any]:
    activity = {"type": "probe", "name": f"the {function}", "provider": {"func": function}}
    status = "failed" if error else "succeeded"
    return {"activity": activity, "status": status, ERROR: error}


def found(drill: Drill, *method: dict[str, Any]) -> Evidence:
    return evidence_of(record_of(*method), drill, TOLERANCE)


def record_of(*method: dict[str, Any], rollbacks: tuple[dict[str, Any], ...] = ()) -> Any:
    return {
        "run": list(method),
        "steady_states": {"before": None, "after": None},
        "rollbacks": list(rollbacks),
    }


def test_what_was_well_again_each_time_has_recovered(drill: Drill) -> None:
    evidence = found(drill, probe("recovered"), probe("recovered"), probe("felt"))
    assert evidence.recovery is not None
    assert evidence.recovery.outcome is Outcome.GOOD
    assert evidence.unseen == ()


def test_what_was_late_once_is_not_made_good_by_the_next_time(drill: Drill) -> None:
    late = NotRecoveredError("relay was not well again within 60 s")
    evidence = found(drill, probe("recovered", late), probe("recovered"))
    assert evidence.recovery is not None
    assert (evidence.recovery.outcome, evidence.recovery.words) == (Outcome.BAD, str(late))
    assert evidence.unseen == ()


@pytest.mark.parametrize("error", [NotSpentError("only 3 of 9"), BlindError("no answer")])
def test_a_step_that_was_not_done_is_told_though_the_target_is_well(
    drill: Drill, error: Exception
) -> None:
    evidence = found(drill, probe("spent", error), probe("recovered"))
    assert evidence.unseen == (f"the spent: {error}",)


def test_an_impact_that_was_not_measured_is_told_once(drill: Drill) -> None:
    evidence = found(drill, probe("recovered"), probe("felt", BlindError("no scrape")))
    assert (evidence.impact_unknown, evidence.unseen) == ("no scrape", ())


def test_what_an_abort_kept_from_being_done_is_told_by_the_abort(drill: Drill) -> None:
    evidence = found(drill, probe("spent", AbortedError("halted")), probe("felt"))
    assert evidence.unseen == ()


@pytest.mark.parametrize("residues", [(["pause at api-1"], []), ([], ["pause at api-1"])])
def test_what_one_rollback_left_another_does_not_make_clean(
    drill: Drill, residues: tuple[list[str], ...]
) -> None:
    for residue in residues:
        undone(drill, "read back", residue)
    evidence = evidence_of(record_of(rollbacks=(probe("a"), probe("b"))), drill, TOLERANCE)
    assert evidence.undo is not None
    assert (evidence.undo.clean, evidence.undo.residue) == (False, ["pause at api-1"])


def test_a_rollback_that_broke_leaves_open_what_another_found_clean(drill: Drill) -> None:
    undone(drill, "read back", [])
    broke = probe("nothing_left", BlindError("the agent does not answer"))
    evidence = evidence_of(record_of(rollbacks=(probe("ended"), broke)), drill, TOLERANCE)
    assert evidence.undo is None
    assert "the agent does not answer" in evidence.undo_unknown
