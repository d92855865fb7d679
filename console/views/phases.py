"""How far a drill is: its phases, when each began, and where it is now."""

from collections.abc import Mapping, Set

from console.components import markup
from console.components.numbers import clock, lasted
from console.components.place import zone
from console.schemas import Drill

# The journal's kinds that belong to a phase; in the order in which a drill goes through them.
PHASES = {
    "Steady state before": {"steady.before"},
    "Fault": {"fault.injecting", "fault.injected"},
    "Recovering": {"recovering"},
    "Recovered": {"recovered", "impact"},
    "Steady state after": {"steady.after"},
    "Undo read back": {"undo"},
    "Verdict": {"run.ended"},
}
# What ends a drill early is shown only where it happened, before what it leads to.
CUT_SHORT = {"refused": "Refused", "activity.failed": "Failed", "aborted": "Aborted"}


def shown(drill: Drill) -> str:
    """Return the phases: those that the journal names, and where a running drill is now.

    A drill may leave some out: one that never was steady injects nothing.
    """
    seen = {entry.kind for entry in drill.journal}
    phases = _phases_of(seen)
    reached = [words for words, kinds in phases.items() if kinds & seen] or [next(iter(phases))]
    now = reached[-1] if drill.state == "running" else None
    items = "".join(
        f'<li class="{"ph-now" if words == now else "ph-done" if kinds & seen else ""}">'
        f"{markup.dot()}{words}{_since(drill, kinds)}</li>"
        for words, kinds in phases.items()
    )
    return f'<ol class="ph-steps" data-phases="{drill.state}">{items}</ol>'


def _phases_of(seen: Set[str]) -> Mapping[str, Set[str]]:
    early = {words: {kind} for kind, words in CUT_SHORT.items() if kind in seen}
    before = ("Undo read back", "Verdict")
    return (
        {words: kinds for words, kinds in PHASES.items() if words not in before}
        | early
        | {words: PHASES[words] for words in before}
    )


def _since(drill: Drill, kinds: Set[str]) -> str:
    """Return when a phase was first reached, after the drill's start."""
    at = next((entry.at for entry in drill.journal if entry.kind in kinds), None)
    if at is None:
        return ""
    after = lasted(max((at - drill.started_at).total_seconds(), 0.0))
    return f'<small title="{clock(at, zone())}">{after}</small>'
