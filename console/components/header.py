"""The first line of every page: where this is, whether it is well, who is here, the switch."""

import streamlit as st

from console.clients.failures import SignedOutError, SourceError
from console.components import markup, states, switch
from console.components.freshness import Kept, keep
from console.components.markup import Tone
from console.components.numbers import clock, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.schemas import Alert, State
from deploy.driver import ComponentState

ENVIRONMENTS: dict[str, Tone] = {"local": "", "staging": "warn", "production": "bad"}


def show(title: str, sources: Sources) -> None:
    """Show the header; it refreshes itself, and leaves the page when the session has ended."""
    with st.container(key="header", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<h1 class="ph-title">{title}</h1>', width="content")
        with st.container(key="header-status"):
            _status(sources)
        with st.container(key="header-switch", width="content"):
            switch.show(sources)
        _person(sources)


@fragment(2)
def _status(sources: Sources) -> None:
    state = keep("state", sources.control.state)
    alerts = keep("firing", sources.control.firing)
    chips = [_environment(state.value), _stack(state), _firing(alerts), _halt(state.value)]
    if state.trouble and state.at:
        chips.append(markup.chip(f"as of {clock(state.at, zone())}", "warn", title=state.trouble))
    st.html(f'<div class="ph-chips">{"".join(chips)}</div>')


def _environment(state: State | None) -> str:
    if state is None:
        return ""
    return markup.chip(state.environment, ENVIRONMENTS[state.environment], name="environment")


def _stack(kept: Kept[State]) -> str:
    # An old "ready" is no news of a stack whose control service is gone.
    if kept.value is None or kept.trouble:
        return markup.chip("control service away", "bad", name="stack", title=kept.trouble or "")
    if kept.value.stack is None:
        words = kept.value.stack_error or "The node agent does not answer."
        return markup.chip("node agent away", "bad", name="stack", title=words)
    unwell = [
        f"{component.name} ({component.state})"
        for component in kept.value.stack.components
        if component.state is not ComponentState.READY
    ]
    if kept.value.stack.ready:
        return markup.chip("stack ready", "good", name="stack")
    return markup.chip(f"degraded: {', '.join(unwell)}", "warn", name="stack")


def _firing(kept: Kept[list[Alert]]) -> str:
    if kept.value is None:
        unknown = markup.chip("alerts unknown", name="firing", title=kept.trouble or "")
        return _to_alerts(unknown)
    names = ", ".join(sorted({alert.name for alert in kept.value}))
    tone: Tone = "bad" if kept.value else ""
    return _to_alerts(markup.chip(f"{len(kept.value)} firing", tone, name="firing", title=names))


def _to_alerts(chip: str) -> str:
    return f'<a href="/alerts" target="_self">{chip}</a>'


def _halt(state: State | None) -> str:
    if state is None or not state.halt.on:
        return ""
    return markup.chip("halted", "bad", name="halt", title=state.halt.reason or "")


def _person(sources: Sources) -> None:
    session = sources.session
    who = f"{session.actor} ({session.role})"
    with st.popover(who, icon=":material/person:", key="person-popover"):
        st.caption(f"Signed in until {moment(session.expires_at, zone())}")
        if st.button("Sign out", key="sign-out"):
            _leave(sources)


def _leave(sources: Sources) -> None:
    try:
        sources.control.sign_out()
    except SignedOutError:
        pass  # that is what was wanted
    except SourceError as error:
        states.note(f"You are still signed in. {error}", "bad")
        return
    st.rerun(scope="app")
