"""What a drill expects to see of its fault, each ticked off as it is decided."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.components import markup
from console.components.markup import Tone
from console.components.numbers import lasted
from console.schemas import Drill, JournalEntry
from console.verdict_schemas import SignalReport

KINDS = {"signal.seen", "signal.missing", "signal.unwanted"}


@dataclass(frozen=True, slots=True)
class Signal:
    """One expected signal: what was decided of it, and what was seen."""

    expected: str
    state: str
    tone: Tone
    told: str = ""


def signals_of(drill: Drill, expected: Sequence[str]) -> list[Signal]:
    """Return every signal of `expected`, and what else was decided, in that order."""
    decided = {each.expected: each for each in _decided(drill)}
    waiting = _waiting(drill)
    rest = [words for words in decided if words not in expected]
    return [decided.get(words) or Signal(words, *waiting) for words in (*expected, *rest)]


def shown(signals: Sequence[Signal]) -> str:
    """Return them as a list; tests find it by how many of them are decided as expected."""
    lines = "".join(_line(each) for each in signals)
    good = sum(each.tone == "good" for each in signals)
    return f'<ul class="ph-checks" data-signals="{good} of {len(signals)}">{lines}</ul>'


def _decided(drill: Drill) -> list[Signal]:
    if drill.verdict is not None and drill.verdict.signals:
        return [_reported(each) for each in drill.verdict.signals]
    return [_written(entry) for entry in drill.journal if entry.kind in KINDS]


def _reported(report: SignalReport) -> Signal:
    if report.met is None:
        return Signal(report.expected, "not known", "warn", report.words)
    if report.met:
        return Signal(report.expected, _seen(report.kind, report.seconds), "good", report.words)
    state = "unwanted" if report.kind == "silent" else "missing"
    return Signal(report.expected, state, "bad", report.words)


def _written(entry: JournalEntry) -> Signal:
    said = entry.model_extra or {}
    return _reported(
        SignalReport(
            kind=said.get("signal", "metric"),
            expected=str(said.get("expected", entry.message)),
            met=said.get("met"),
            seconds=said.get("seconds"),
            words=entry.message.partition(": ")[2] or entry.message,
        )
    )


def _seen(kind: str, seconds: float | None) -> str:
    if kind == "silent":
        return "silent"
    return "seen" if seconds is None else f"seen after {lasted(seconds)}"


def _waiting(drill: Drill) -> tuple[str, Tone]:
    """Say how it is with what is not decided: it is waited for only once something is injected."""
    if drill.state != "running":
        return "not looked for", ""
    injected = any(entry.kind == "fault.injected" for entry in drill.journal)
    return ("watching", "warn") if injected else ("to come", "")


def _line(signal: Signal) -> str:
    more = signal.told not in ("", signal.expected)
    told = f'<div class="ph-muted">{markup.safe(signal.told)}</div>' if more else ""
    return (
        f"<li>{markup.state(signal.state, signal.tone).html}"
        f"<div>{markup.safe(signal.expected)}{told}</div></li>"
    )
