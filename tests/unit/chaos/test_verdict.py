"""A drill passes only when everything is known to have gone well."""

from dataclasses import replace

import pytest

from chaos.drill import Cause
from chaos.schemas import Impact, Tolerance, Undo, Verdict
from chaos.verdict.evidence import Evidence, Outcome, Step
from chaos.verdict.judge import judge

GOOD = Step(Outcome.GOOD)
FELT = Impact(
    requests=1200, failed=0, error_ratio=0.0, p99_before_seconds=0.02, p99_during_seconds=0.05
)
CLEAN = Undo(clean=True, residue=[])
WELL = Evidence(
    tolerance=Tolerance(error_ratio=0.001, p99_seconds=1.0),
    before=GOOD,
    action=GOOD,
    recovery=Step(Outcome.GOOD, "api-1 served again after 3.2 s"),
    after=GOOD,
    impact=FELT,
    undo=CLEAN,
    injected=True,
)
NOTHING = replace(WELL, action=None, recovery=None, after=None, impact=None, injected=False)


def bad(words: str) -> Step:
    return Step(Outcome.BAD, words)


def unknown(words: str) -> Step:
    return Step(Outcome.UNKNOWN, words)


def test_a_drill_that_went_well_in_every_step_passes_and_says_what_users_felt() -> None:
    finding = judge(WELL)
    assert finding.verdict is Verdict.PASSED
    assert finding.words == ("api-1 served again after 3.2 s; 0 of 1,200 requests failed meanwhile")


@pytest.mark.parametrize(
    ("evidence", "verdict", "words"),
    [
        (replace(NOTHING, before=bad("1 of 2 ready")), "inconclusive", "nothing was injected"),
        (replace(NOTHING, before=unknown("no Prometheus")), "inconclusive", "no Prometheus"),
        (replace(NOTHING, before=None), "inconclusive", "never looked at"),
        (replace(NOTHING, action=None), "inconclusive", "never tried"),
        (
            replace(NOTHING, action=Step(Outcome.REFUSED, "the last one")),
            "inconclusive",
            "refused, nothing was injected: the last one",
        ),
        (replace(NOTHING, action=bad("no agent")), "failed", "the action failed: no agent"),
        (replace(WELL, recovery=bad("not within 30 s")), "failed", "not within 30 s"),
        (replace(WELL, recovery=None), "inconclusive", "recovery was never looked at"),
        (replace(WELL, unseen=("dose: only 3 of 9",)), "inconclusive", "not done: dose: only 3"),
        (replace(WELL, after=bad("12 of 90 failed")), "failed", "12 of 90 failed"),
        (replace(WELL, after=unknown("no Prometheus")), "inconclusive", "could not be seen"),
        (replace(WELL, after=None), "inconclusive", "never looked at"),
        (replace(WELL, undo=None, undo_unknown="no agent"), "inconclusive", "no agent"),
        (
            replace(WELL, undo=Undo(clean=False, residue=["api-2 is not ready"])),
            "failed",
            "left behind: api-2 is not ready",
        ),
        (
            replace(WELL, impact=FELT.model_copy(update={"failed": 3, "error_ratio": 0.0025})),
            "failed",
            "3 of 1,200 requests failed, more than the allowed 0.10%",
        ),
        (
            replace(WELL, impact=FELT.model_copy(update={"p99_during_seconds": 1.7})),
            "failed",
            "p99 rose to 1.70 s",
        ),
        (replace(WELL, impact=None, impact_unknown="no scrape"), "inconclusive", "no scrape"),
    ],
)
def test_what_is_wrong_fails_and_what_is_unknown_is_inconclusive(
    evidence: Evidence, verdict: str, words: str
) -> None:
    finding = judge(evidence)
    assert finding.verdict == verdict
    assert words in finding.words


def test_without_traffic_the_reason_says_that_nobody_knows_what_users_would_have_felt() -> None:
    finding = judge(replace(WELL, impact=Impact(requests=0, failed=0)))
    assert finding.verdict is Verdict.PASSED
    assert "no traffic" in finding.words
    assert "0 of 0" not in finding.words


def test_one_answered_request_does_not_speak_for_users() -> None:
    finding = judge(replace(WELL, impact=Impact(requests=1, failed=0, error_ratio=0.0)))
    assert "hardly any traffic (1 request)" in finding.words


def test_one_failed_request_counts_however_few_there_were() -> None:
    finding = judge(replace(WELL, impact=Impact(requests=1, failed=1, error_ratio=1.0)))
    assert finding.verdict is Verdict.FAILED


@pytest.mark.parametrize("evidence", [WELL, NOTHING, replace(WELL, recovery=bad("too late"))])
def test_a_halted_drill_never_passes_whatever_else_was_seen(evidence: Evidence) -> None:
    finding = judge(replace(evidence, aborted=Cause("ana", "a real incident")))
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.words.startswith("halted by ana: a real incident")


def test_a_halted_drill_names_what_it_left_behind() -> None:
    left = replace(
        WELL, aborted=Cause("ana", "stop"), undo=Undo(clean=False, residue=["api-1 is not ready"])
    )
    assert "left behind: api-1 is not ready" in judge(left).words


def test_a_drill_that_did_more_harm_than_allowed_fails() -> None:
    cause = Cause("its abort condition", "30 of 100 requests failed", sort="harm")
    assert judge(replace(WELL, aborted=cause)).verdict is Verdict.FAILED


def test_harm_before_the_fault_was_not_done_by_the_drill() -> None:
    cause = Cause("its abort condition", "30 of 100 requests failed", sort="harm")
    assert judge(replace(NOTHING, aborted=cause)).verdict is Verdict.INCONCLUSIVE


def test_a_drill_that_is_refused_after_a_part_is_judged_by_what_that_part_did() -> None:
    refused = replace(WELL, action=Step(Outcome.REFUSED, "api-2 restarted just now"))
    finding = judge(refused)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.words == "refused after a part was injected: api-2 restarted just now"
    harm = FELT.model_copy(update={"failed": 120, "error_ratio": 0.1})
    assert judge(replace(refused, impact=harm)).verdict is Verdict.FAILED


def test_several_things_that_went_wrong_are_all_named() -> None:
    finding = judge(replace(WELL, recovery=bad("too late"), after=bad("1 of 2 ready")))
    assert "too late" in finding.words
    assert "1 of 2 ready" in finding.words
