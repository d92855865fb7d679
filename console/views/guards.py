"""What each guard says before a drill, with its reason and what to do."""

import streamlit as st

from console.components import markup, states
from console.components.freshness import Kept
from console.components.markup import Raw, Tone
from console.guard_schemas import GuardAnswer, GuardAnswers

PROFILES = "A game day leaves out the guards that it disturbs itself. It takes an admin."
TONES: dict[str, Tone] = {"ok": "good", "refused": "bad", "unknown": "warn"}


def show(kept: Kept[GuardAnswers]) -> None:
    """Show every guard's answer, those that let nothing start first."""
    answers = kept.value
    st.html(markup.section("Guards", _summed_up(answers)))
    states.trouble(kept)
    if answers is None:
        return
    first = sorted(answers.guards, key=lambda each: each.answer == "ok")
    lines = "".join(_line(each) for each in first)
    allowed = "yes" if answers.allowed else "no"
    st.html(f'<ul class="ph-checks" data-guards="{allowed}">{lines}</ul>')


def _summed_up(answers: GuardAnswers | None) -> Raw:
    if answers is None:
        return markup.state("not known yet")
    against = sum(each.answer != "ok" for each in answers.guards)
    if answers.allowed:
        return markup.state("nothing is in the way", "good")
    return markup.state(f"{against} of {len(answers.guards)} say no", "bad")


def _line(answer: GuardAnswer) -> str:
    words = "" if answer.answer == "ok" else f" ({answer.answer})"
    remedy = f"<div><b>{markup.safe(answer.remedy)}</b></div>" if answer.remedy else ""
    return (
        f'<li data-guard="{answer.guard}" data-answer="{answer.answer}">'
        f"{markup.state(f'{_named(answer.guard)}{words}', TONES[answer.answer]).html}"
        f"<div>{markup.safe(answer.reason)}{remedy}</div></li>"
    )


def _named(guard: str) -> str:
    return guard.replace("-", " ").capitalize()
