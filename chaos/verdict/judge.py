"""From evidence to a verdict and its reason in words."""

from collections.abc import Callable
from dataclasses import dataclass

from chaos.schemas import FEWEST, Impact, Tolerance, Verdict, in_words
from chaos.verdict.evidence import Evidence, Outcome, Step


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say; its verdict is the best that the drill can still get."""

    verdict: Verdict
    words: str


Findings = list[Finding]
NOTHING = "refused, nothing was injected"


def judge(evidence: Evidence) -> Finding:
    """Return the verdict and its reason.

    A halted drill is inconclusive whatever else was seen; a drill that never
    got to its fault is judged by what kept it from it alone; one whose fault was
    made in part by that and by all that followed. The worst finding decides, and
    the reason names all that are as bad.
    """
    if evidence.aborted is not None:
        return _aborted(evidence)
    kept = _kept_from_fault(evidence)
    findings = list(kept)
    if evidence.injected or not kept:
        findings += [found for check in CHECKS for found in check(evidence)]
    findings += _undo(evidence)
    for verdict in (Verdict.FAILED, Verdict.INCONCLUSIVE, Verdict.PASSED):
        words = [found.words for found in findings if found.verdict is verdict]
        if words:
            return Finding(verdict, "; ".join(words))
    return Finding(Verdict.INCONCLUSIVE, "nothing was found out")


def _aborted(evidence: Evidence) -> Finding:
    cause = evidence.aborted
    harm = cause is not None and cause.sort == "harm"
    words = [f"{'stopped' if harm else 'halted'} by {cause}"]
    if not evidence.injected:
        words.append("nothing was injected")
    words += [found.words for found in _undo(evidence) if found.verdict is not Verdict.PASSED]
    verdict = Verdict.FAILED if harm and evidence.injected else Verdict.INCONCLUSIVE
    return Finding(verdict, "; ".join(words))


def _kept_from_fault(evidence: Evidence) -> Findings:
    before, action = evidence.before, evidence.action
    if before is None:
        return [Finding(Verdict.INCONCLUSIVE, "the steady state was never looked at")]
    if before.outcome is not Outcome.GOOD:
        what = "was not given" if before.outcome is Outcome.BAD else "could not be seen"
        words = (
            f"the steady state {what} before the drill ({before.words}), so nothing was injected"
        )
        return [Finding(Verdict.INCONCLUSIVE, words)]
    if action is None:
        return [Finding(Verdict.INCONCLUSIVE, "the fault was never tried")]
    if action.outcome is Outcome.REFUSED:
        what = "refused after a part was injected" if evidence.injected else NOTHING
        return [Finding(Verdict.INCONCLUSIVE, f"{what}: {action.words}")]
    if action.outcome is not Outcome.GOOD:
        return [Finding(Verdict.FAILED, f"the action failed: {action.words}")]
    return []


def _recovery(evidence: Evidence) -> Findings:
    return _step(evidence.recovery, "recovery", good=Verdict.PASSED)


def _after(evidence: Evidence) -> Findings:
    return _step(evidence.after, "the steady state after the drill")


def _step(step: Step | None, name: str, good: Verdict | None = None) -> Findings:
    if step is None:
        return [Finding(Verdict.INCONCLUSIVE, f"{name} was never looked at")]
    if step.outcome is Outcome.GOOD:
        return [Finding(good, step.words)] if good else []
    if step.outcome is Outcome.BAD:
        return [Finding(Verdict.FAILED, f"{name} is not given: {step.words}")]
    return [Finding(Verdict.INCONCLUSIVE, f"{name} could not be seen: {step.words}")]


def _steps(evidence: Evidence) -> Findings:
    """A step that was not done leaves open what the others would have seen with it."""
    return [
        Finding(Verdict.INCONCLUSIVE, f"a step was not done: {words}") for words in evidence.unseen
    ]


def _impact(evidence: Evidence) -> Findings:
    impact = evidence.impact
    if impact is None or impact.requests is None:
        words = f"the impact is not known: {evidence.impact_unknown}"
        return [Finding(Verdict.INCONCLUSIVE, words)]
    if impact.requests < FEWEST and not impact.failed:
        there = (
            f"hardly any traffic ({in_words(impact.requests)})" if impact.requests else "no traffic"
        )
        words = f"there was {there}, so what users would have felt is not known"
        return [Finding(Verdict.PASSED, words)]
    harm = _beyond(impact, evidence.tolerance)
    if harm:
        return [Finding(Verdict.FAILED, words) for words in harm]
    return [Finding(Verdict.PASSED, f"{_failures(impact)} meanwhile")]


def _beyond(impact: Impact, tolerance: Tolerance) -> list[str]:
    harm = []
    if (impact.error_ratio or 0.0) > tolerance.error_ratio:
        harm.append(f"{_failures(impact)}, more than the allowed {tolerance.error_ratio:.2%}")
    p99 = impact.p99_during_seconds
    if p99 is not None and p99 > tolerance.p99_seconds:
        harm.append(f"p99 rose to {p99:.2f} s, beyond the allowed {tolerance.p99_seconds:g} s")
    return harm


def _failures(impact: Impact) -> str:
    return f"{impact.failed or 0:.0f} of {in_words(impact.requests or 0)} failed"


def _signals(evidence: Evidence) -> Findings:
    """A signal that is missing fails a drill that the system survived; one unseen proves nothing.

    Those that were met are told as well, silence aside: it is what is usual.
    """
    verdicts = {True: Verdict.PASSED, False: Verdict.FAILED, None: Verdict.INCONCLUSIVE}
    return [
        Finding(verdicts[report.met], report.words)
        for report in evidence.signals
        if not (report.met and report.kind == "silent")
    ]


def _undo(evidence: Evidence) -> Findings:
    undo = evidence.undo
    if undo is None:
        words = f"whether anything is left could not be read back: {evidence.undo_unknown}"
        return [Finding(Verdict.INCONCLUSIVE, words)]
    if undo.clean:
        return []
    return [Finding(Verdict.FAILED, f"left behind: {', '.join(undo.residue)}")]


CHECKS: tuple[Callable[[Evidence], Findings], ...] = (
    _recovery,
    _steps,
    _after,
    _impact,
    _signals,
)
