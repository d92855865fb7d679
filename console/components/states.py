"""What is said when there is nothing to show, or a source does not answer."""

from html import escape

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


def code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
