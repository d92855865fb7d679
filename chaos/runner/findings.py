"""Evidence for the verdict, taken from the engine's record and what activities found out."""

from typing import Any

from chaos.drill import Drill
from chaos.errors import AbortedError, NotRecoveredError, RefusedError, SkippedError
from chaos.runner.narrator import ERROR, failed_probe, steady_words, words_of
from chaos.schemas import Tolerance, Undo
from chaos.verdict.evidence import Evidence, Outcome, Step

Record = dict[str, Any]
IMPACT = "felt"  # the probe that measures it


def evidence_of(record: Record, drill: Drill, tolerance: Tolerance) -> Evidence:
    """Collect what the verdict is computed from."""
    facts = drill.facts
    method: list[Record] = record["run"]
    untold = _failure(record["rollbacks"])
    return Evidence(
        tolerance=tolerance,
        before=_steady(record["steady_states"]["before"]),
        action=_action([run for run in method if run["activity"]["type"] == "action"]),
        recovery=_recovery(method, drill),
        after=_steady(record["steady_states"]["after"]),
        impact=facts.impact,
        unseen=tuple(_told(run) for run in _undone(method) if not _measures_impact(run)),
        impact_unknown=next(
            (words_of(run) for run in _undone(method) if _measures_impact(run)),
            "it was not measured",
        ),
        undo=_undo(facts.undo, untold),
        undo_unknown=untold or "it was not tried",
        signals=tuple(facts.signals),
        aborted=drill.abort.cause,
        injected=facts.fault_at is not None,
    )


def _undo(undo: Undo | None, untold: str | None) -> Undo | None:
    """One rollback that broke leaves open what another found clean, never what one found left."""
    return None if untold and undo and undo.clean else undo


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
    """What is hit several times must be well again each time."""
    facts = drill.facts
    late = [run for run in method if isinstance(run.get(ERROR), NotRecoveredError)]
    if late:
        return Step(Outcome.BAD, words_of(late[0]))
    if facts.recovered_at is not None:
        return Step(Outcome.GOOD, f"{facts.target} {facts.recovery_words}")
    return None


def _undone(method: list[Record]) -> list[Record]:
    """Return the probes of the method that did not see what they were to see."""
    told_elsewhere = NotRecoveredError | AbortedError | SkippedError
    return [
        run
        for run in method
        if run["activity"]["type"] == "probe"
        and run.get("status") != "succeeded"
        and not isinstance(run.get(ERROR), told_elsewhere)
    ]


def _measures_impact(run: Record) -> bool:
    return bool(run["activity"]["provider"]["func"] == IMPACT)


def _told(run: Record) -> str:
    return f"{run['activity']['name']}: {words_of(run)}"


def _failure(runs: list[Record]) -> str | None:
    failed = next((run for run in runs if run.get("status") != "succeeded"), None)
    return words_of(failed) if failed else None
