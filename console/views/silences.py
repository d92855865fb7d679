"""The silences that hold: what nobody is told of, who wanted it so, and until when."""

from functools import partial

import streamlit as st

from console.alert_schemas import Silence
from console.components import markup, states
from console.components.allowed import may
from console.components.asking import ask
from console.components.freshness import keep
from console.components.numbers import moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.schemas import ReasonOnly


@fragment(5)
def show(sources: Sources) -> None:
    """Show them with a way to end each; nothing while there is none."""
    kept = keep("silences", sources.control.silences)
    if not kept.value and kept.trouble is None:
        return
    st.html(markup.section("Silences", states.since(kept)))
    states.trouble(kept)
    for silence in kept.value or []:
        _silence(sources, silence)


def _silence(sources: Sources, silence: Silence) -> None:
    with st.container(key=f"form-{silence.id}", horizontal=True, vertical_alignment="center"):
        matchers = " ".join(
            f'<span class="ph-mono">{markup.safe(matcher.text)}</span>'
            for matcher in silence.matchers
        )
        words = f"{silence.by}, until {moment(silence.ends_at, zone())}: {silence.reason}"
        st.html(
            f'<div data-silence="{markup.safe(silence.id)}"><span class="ph-labels">{matchers}'
            f'</span><div class="ph-muted">{markup.safe(words)}</div></div>'
        )
        if not may(sources, "operator"):
            return
        with st.popover("End", key=f"end-popover-{silence.id}"):
            ask(f"end-{silence.id}", "End this silence", partial(_end, sources, silence))


def _end(sources: Sources, silence: Silence, reason: str) -> None:
    sources.control.end_silence(silence.id, ReasonOnly(reason=reason))
