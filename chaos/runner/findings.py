"""Evidence for the verdict, taken from the engine's record and what activities found out."""

from typing import Any

from chaos.drill import AbortedError, Drill, NotRecoveredError, RefusedError
from chaos.runner.narrator import ERROR, failed_probe, steady_words, words_of
from chaos.schemas import Tolerance
from chaos.verdict.evidence import Evidence, Outcome, Step

Record = dict[str, Any]


def evidence_of(record: Record, drill: Drill, tolerance: Tolerance) -> Evidence:
    """Collect what the verdict is computed from."""
    facts = drill.facts
    method: list[Record] = record["run"]
    return Evidence(
        tolerance=tolerance,
        before=_steady(record["steady_states"]["before"]),
        action=_action([run for run in method if run["activity"]["type"] == "action"]),
        recovery=_recovery(method, drill),
        after=_steady(record["steady_states"]["after"]),
        impact=facts.impact,
        impact_unknown=_unseen(method) or "it was not measured",
        undo=facts.undo,
        undo_unknown=_failure(record["rollbacks"]) or "it was not tried",
        signals=tuple(facts.signals),
        aborted=drill.abort.cause,
        injected=facts.fault_at is not None,
    )


def _steady(state: Record | None) -> Step | None:
    if state is None:
        return None
    failed = failed_probe(state)
    if failed is None:
        return Step(Outcome.GOOD, steady_words(state))
    if isinstance(failed.get(ERROR), AbortedError):
        return None
    outcome = Outcome.UNKNOWN if failed["status"] == "failed" else Outcome.BAD
    return Step(outcome, steady_words(state))


def _action(actions: list[Record]) -> Step | None:
    if not actions:
        return None
    failed = next((run for run in actions if run.get("status") != "succeeded"), None)
    if failed is None:
        return Step(Outcome.GOOD)
    refused = isinstance(failed.get(ERROR), RefusedError)
    return Step(Outcome.REFUSED if refused else Outcome.BAD, words_of(failed))


def _recovery(method: list[Record], drill: Drill) -> Step | None:
    facts = drill.facts
    if facts.recovered_at is not None:
        return Step(Outcome.GOOD, f"{facts.target} {facts.recovery_words}")
    late = [run for run in method if isinstance(run.get(ERROR), NotRecoveredError)]
    return Step(Outcome.BAD, words_of(late[0])) if late else None


def _unseen(method: list[Record]) -> str | None:
    """Return why a probe of the method saw nothing."""
    for run in method:
        failed = run["activity"]["type"] == "probe" and run.get("status") != "succeeded"
        if failed and not isinstance(run.get(ERROR), NotRecoveredError):
            return words_of(run)
    return None


def _failure(runs: list[Record]) -> str | None:
    failed = next((run for run in runs if run.get("status") != "succeeded"), None)
    return words_of(failed) if failed else None
