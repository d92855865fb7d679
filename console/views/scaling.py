"""The scaling form: what is wanted, what that would do, why, and how far it is."""

import streamlit as st

from console.clients.failures import SignedOutError, SourceError
from console.components import markup, states
from console.components.allowed import may
from console.components.asking import ask
from console.components.freshness import keep
from console.components.markup import Raw
from console.components.progress import bar
from console.components.reports import fragment
from console.components.session import Sources
from console.schemas import ScalePreview, ScaleRequest

MOST = 64  # a bound for the field alone; the role's own bounds come with the preview
ASKED = "scale-asked"


@fragment(2)
def show(sources: Sources) -> None:
    """Show the form; the preview is the control service's own answer."""
    st.html(markup.section("Scale"))
    with st.container(key="form-scale"):
        state = keep("state", sources.control.state)
        desired = state.value.desired if state.value else {}
        if not desired:
            who = "node agent" if state.value else "control service"
            states.empty(f"What can be scaled is not known while the {who} is away.")
            return
        if not may(sources, "operator"):
            states.note("An operator may scale.")
            return
        left, right = st.columns([2, 3], gap="large")
        with left:
            role, count = _wanted(desired)
        with right:
            preview = _previewed(sources, role, count)
        if preview is not None:
            with left:
                _ask(sources, preview)
        with right:
            _progress(sources)


def _wanted(desired: dict[str, int]) -> tuple[str, int]:
    left, right = st.columns(2, gap="small")
    with left:
        role = st.selectbox("Role", sorted(desired), key="scale-role")
    with right:
        count = st.number_input(
            "Replicas", 0, MOST, desired[role], key=f"scale-count-{role}", step=1
        )
    return role, int(count)


def _previewed(sources: Sources, role: str, count: int) -> ScalePreview | None:
    try:
        preview = sources.control.preview(role, count)
    except SignedOutError:
        raise
    except SourceError as error:
        states.note(f"There is no preview now. {error}", "warn")
        return None
    st.html(f'<div data-preview="{preview.role}">{markup.facts(_facts(preview))}</div>')
    return preview


def _facts(preview: ScalePreview) -> list[tuple[str, Raw | str]]:
    facts: list[tuple[str, Raw | str]] = [
        ("Change", f"{preview.role}: {preview.current} → {preview.wanted}"),
        ("Starts", ", ".join(preview.starts) or "nothing"),
        ("Stops", ", ".join(preview.stops) or "nothing"),
        ("Bounds", f"{preview.minimum} to {preview.maximum}"),
    ]
    return facts + [("Note", note) for note in preview.notes]


def _ask(sources: Sources, preview: ScalePreview) -> None:
    def scale(reason: str) -> None:
        request = ScaleRequest(
            role=preview.role, count=preview.wanted, reason=reason, anyway=preview.anyway
        )
        st.session_state[ASKED] = sources.control.scale(request).id

    label = f"Scale {preview.role} to {preview.wanted}{' anyway' if preview.anyway else ''}"
    confirm = preview.role if preview.anyway or preview.stops else ""
    ask("scale", label, scale, allowed=preview.allowed, confirm=confirm)


def _progress(sources: Sources) -> None:
    """Follow the scaling that this browser tab asked for, until the new replicas serve."""
    asked = st.session_state.get(ASKED)
    if asked is None:
        return
    kept = keep("actions", lambda: sources.control.actions(10))
    action = next((each for each in kept.value or [] if each.id == asked), None)
    if action is not None:
        st.html(bar(action))
