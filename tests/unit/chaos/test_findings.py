"""What the engine's record and the drill's facts say of each step."""

from pathlib import Path
from typing import Any

import pytest

from chaos.drill import Drill
from chaos.errors import AbortedError, BlindError, NotRecoveredError, NotSpentError
from chaos.journal import utc_now
from chaos.runner.findings import evidence_of
from chaos.runner.narrator import ERROR
from chaos.schemas import Tolerance
from chaos.verdict.evidence import Evidence, Outcome
from tests.fakes.drills import fake_drill


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
    record = {
        "run": list(method),
        "steady_states": {"before": None, "after": None},
        "rollbacks": [],
    }
    return evidence_of(record, drill, Tolerance(error_ratio=0.001, p99_seconds=1.0))


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
