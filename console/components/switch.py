"""The halt switch: thrown by anybody in two steps, taken back by an admin."""

import streamlit as st

from console.components import states
from console.components.allowed import may
from console.components.asking import ask
from console.components.freshness import Kept, keep
from console.components.numbers import moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.schemas import Halt, ReasonOnly, State

SWEPT = "halt-swept"


@fragment(2)
def show(sources: Sources) -> None:
    """Show the switch as it stands; refreshes itself."""
    kept: Kept[State] = st.session_state.get("kept:state", Kept(None, None))
    halt = kept.value.halt if kept.value else Halt(on=False)
    label = "Halt drills"
    if halt.on:
        label = "Re-arm drills" if may(sources, "admin") else "Drills are halted"
    with st.popover(label, icon=":material/pan_tool:", key="halt-popover"):
        if halt.on:
            _thrown(sources, halt)
        else:
            _offer(sources, "halt")


def show_beside_drill(sources: Sources) -> None:
    """Offer the halt where a running drill is looked at."""
    with st.popover("Halt this drill", icon=":material/pan_tool:", key="halt-drill-popover"):
        _offer(sources, "halt-drill")


def show_swept() -> None:
    """Say what the halt of this browser tab took back, until drills are re-armed."""
    if words := st.session_state.get(SWEPT):
        states.note(words)


def _thrown(sources: Sources, halt: Halt) -> None:
    since = moment(halt.since, zone())
    st.markdown(f"Halted by {halt.by or 'somebody'} since {since}: {halt.reason or 'no reason'}")
    show_swept()
    if not may(sources, "admin"):
        st.caption("An admin may re-arm: then drills may start again.")
        return
    st.caption("Re-arming lets drills start again. It starts none.")
    ask("rearm", "Re-arm", lambda why: _rearm(sources, why))


def _offer(sources: Sources, action: str) -> None:
    st.markdown("**Take every fault back, end every drill, and let none start.**")
    st.caption(
        "Traffic, scaling and replicas stay as they are. `./pharos chaos halt` does the "
        "same, also while the control service is away."
    )
    ask(action, "Halt now", lambda why: _halt_all(sources, why))


def _halt_all(sources: Sources, reason: str) -> None:
    swept = sources.control.halt(ReasonOnly(reason=reason)).swept
    # No toast: it would take the place of the style, which Streamlit keeps where toasts are.
    st.session_state[SWEPT] = f"Faults: {swept.words}."
    keep("state", sources.control.state)


def _rearm(sources: Sources, reason: str) -> None:
    sources.control.rearm(ReasonOnly(reason=reason))
    st.session_state.pop(SWEPT, None)
    keep("state", sources.control.state)
