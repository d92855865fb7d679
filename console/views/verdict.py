"""The verdict card: what the drill showed, in numbers."""

import streamlit as st

from console.components import markup, numbers
from console.components.markup import Content, Tone
from console.components.numbers import NONE, lasted
from console.verdict_schemas import DrillVerdict, Impact, Undo

TONES: dict[str, Tone] = {"passed": "good", "failed": "bad", "inconclusive": "warn"}


def show(verdict: DrillVerdict) -> None:
    """Show a verdict with its reason and what it rests on."""
    chip = markup.chip(verdict.verdict, TONES[verdict.verdict], name="verdict")
    st.html(
        f'<div class="ph-panel" data-verdict="{verdict.verdict}"><div class="ph-chips">{chip}'
        f"<span>{markup.safe(verdict.reason)}</span></div>"
        f'<div class="ph-halves">{markup.facts(_course(verdict))}{markup.facts(_cost(verdict))}'
        "</div></div>"
    )


def _course(verdict: DrillVerdict) -> list[tuple[str, Content]]:
    return [
        ("Steady state before", _held(verdict.steady_before)),
        ("Steady state after", _held(verdict.steady_after)),
        ("Recovery", lasted(verdict.recovery_seconds)),
        ("Undo", _undone(verdict.undo)),
        ("Target", _target(verdict)),
    ]


def _cost(verdict: DrillVerdict) -> list[tuple[str, Content]]:
    impact = verdict.impact
    return [
        ("Requests meanwhile", numbers.whole(impact.requests)),
        ("Failed", _failed(impact)),
        ("p99 before", _latency(impact.p99_before_seconds)),
        ("p99 meanwhile", _latency(impact.p99_during_seconds)),
        ("Took", lasted((verdict.ended_at - verdict.started_at).total_seconds())),
    ]


def _held(held: bool | None) -> Content:
    if held is None:
        return "not measured"
    return markup.state("held", "good") if held else markup.state("did not hold", "bad")


def _failed(impact: Impact) -> str:
    if impact.failed is None:
        return NONE
    ratio = "" if impact.error_ratio is None else f" ({numbers.percent(impact.error_ratio)} %)"
    return f"{numbers.whole(impact.failed)}{ratio}"


def _latency(seconds: float | None) -> str:
    return NONE if seconds is None else f"{numbers.milliseconds(seconds)} ms"


def _undone(undo: Undo | None) -> Content:
    if undo is None:
        return "not read back"
    if undo.clean:
        return markup.state("read back clean", "good")
    return markup.state(f"left over: {', '.join(undo.residue)}", "bad")


def _target(verdict: DrillVerdict) -> str:
    if verdict.target is None:
        return NONE
    if verdict.pid_before is None:
        return verdict.target
    return f"{verdict.target}, pid {verdict.pid_before} → {verdict.pid_after or NONE}"
