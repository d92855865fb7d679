"""One experiment in plain words, what the guards say of it now, and the button that starts it."""

import streamlit as st

from console.components import markup, states
from console.components.allowed import may
from console.components.asking import ask
from console.components.freshness import Kept, keep
from console.components.markup import Content, Raw
from console.components.reports import fragment
from console.components.session import Sources
from console.guard_schemas import GuardAnswers
from console.schemas import DrillRequest, Experiment, GuardProfile, State
from console.views import catalogue, guards, past_drills

STARTED = "drill-started"


def show(sources: Sources, name: str) -> None:
    """Show the experiment of that name; what the guards say refreshes by itself."""
    kept = catalogue.known(sources)
    states.trouble(kept)
    found = next((each for each in kept.value or [] if each.name == name), None)
    if found is None:
        if kept.value is not None:
            states.note(Raw(f"There is no experiment {markup.safe(name)}. {_back()}"), "warn")
        return
    state: Kept[State] = st.session_state.get("kept:state", Kept(None, None))
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.html(_told(found, state.value))
    with right:
        _start(sources, found)
    past_drills.show_of(sources, name)


def _back() -> str:
    return '<a href="/chaos" target="_self">All experiments</a>'


def _told(experiment: Experiment, state: State | None) -> str:
    head = markup.section(experiment.title, Raw(_back()))
    name = f'<div class="ph-mono ph-muted">{markup.safe(experiment.name)}</div>'
    tags = "".join(f"<span>{markup.safe(tag)}</span>" for tag in experiment.tags)
    return (
        f'<div data-experiment="{markup.safe(experiment.name)}">{head}{name}'
        f"<p>{markup.safe(experiment.description)}</p>"
        f'{markup.facts(_plain(experiment, state))}<div class="ph-labels">{tags}</div></div>'
    )


def _plain(experiment: Experiment, state: State | None) -> list[tuple[str, Content]]:
    facts: list[tuple[str, Content]] = [
        ("Hypothesis", _lines(experiment.hypothesis)),
        ("What it does", _lines(experiment.action)),
        ("Blast radius", experiment.blast_radius),
        ("Ends early when", experiment.abort),
        ("Expected signals", _lines(experiment.signals)),
        ("Rollback", experiment.rollback),
    ]
    if experiment.needs:
        facts.append(("Needs", catalogue.needs(experiment, state)))
    return [(term, told) for term, told in facts if told not in ("", Raw(""))]


def _lines(texts: list[str]) -> Raw:
    return Raw("".join(f"<div>{markup.safe(text)}</div>" for text in texts))


@fragment(3)
def _start(sources: Sources, experiment: Experiment) -> None:
    started = st.session_state.pop(STARTED, None)
    if started:
        del st.query_params["experiment"]
        st.query_params["run"] = started
        st.rerun(scope="app")
    profile = _profile(sources)
    name = f"guards-{experiment.name}"
    state = keep("state", sources.control.state)
    answers = keep(name, lambda: sources.control.guards(experiment.name, profile), profile)
    guards.show(answers)
    _form(sources, experiment, profile, answers.value, state.value)


def _profile(sources: Sources) -> GuardProfile:
    """Let an admin choose whose guards are asked; everybody else has the standard ones."""
    if not may(sources, "admin"):
        return "standard"
    chosen: GuardProfile = st.selectbox(
        "Guard profile", ["standard", "game-day"], key="guard-profile", help=guards.PROFILES
    )
    return chosen


def _form(
    sources: Sources,
    experiment: Experiment,
    profile: GuardProfile,
    answers: GuardAnswers | None,
    state: State | None,
) -> None:
    if not may(sources, "operator"):
        states.note("An operator may run this drill.")
        return
    if state is not None and state.environment == "production":
        states.note("This is production: no drill starts here.")
        return

    def start(reason: str) -> None:
        request = DrillRequest(experiment=experiment.name, reason=reason, profile=profile)
        st.session_state[STARTED] = sources.control.start_drill(request).run

    with st.container(key=f"form-{experiment.name}"):
        if takes_away(experiment):
            states.note("While it goes on, what it hits serves nothing.", "warn")
        ask(
            f"run-{experiment.name}",
            "Run this drill",
            start,
            # Where the guards' answers are not known, the service decides when it is asked.
            allowed=answers is None or answers.allowed,
            confirm=experiment.name,
        )


def takes_away(experiment: Experiment) -> bool:
    """Tell whether a fault of it serves nothing meanwhile."""
    return any(hit.takes_away for hit in experiment.hits)
