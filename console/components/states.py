"""What is said when there is nothing to show, or a source does not answer."""

import streamlit as st

from console.components.freshness import Kept
from console.components.markup import Content, Tone, safe
from console.components.numbers import clock
from console.components.place import zone


def empty(words: Content) -> None:
    st.html(f'<div class="ph-empty">{safe(words)}</div>')


def note(words: Content, tone: Tone = "") -> None:
    st.html(f'<div class="ph-note ph-tone-{tone}" role="status">{safe(words)}</div>')


def trouble(kept: Kept[object], still: str = "") -> None:
    """Say why something is not fresh and since when, and what `still` works; else nothing."""
    if kept.trouble is None:
        return
    old = "" if kept.value is None else f" What you see here is as of {clock(kept.at, zone())}."
    note(f"{kept.trouble}{old} {still}".strip(), "warn")


def since(kept: Kept[object], otherwise: str = "") -> str:
    """Return a section's note: the time of what is shown, where another part says why it is old."""
    if kept.trouble is None:
        return otherwise
    return "no answer yet" if kept.at is None else f"as of {clock(kept.at, zone())}"
