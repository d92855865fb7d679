"""The Chaos page: drills that may be run, the one that is looked at, and those that were run."""

import streamlit as st

from console.clients.failures import SignedOutError
from console.components import markup, states, tables
from console.components.allowed import may
from console.components.asking import ask
from console.components.freshness import keep
from console.components.markup import Content, Raw
from console.components.numbers import NONE, lasted, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from console.schemas import Drill, DrillRequest, Experiment, State
from console.views import drill

STARTED = "drill-started"
TONES: dict[str, markup.Tone] = {
    "passed": "good",
    "failed": "bad",
    "inconclusive": "warn",
    "interrupted": "bad",
    "running": "warn",
}
HISTORY = (
    Column("Drill"),
    Column("Experiment"),
    Column("Started"),
    Column("Verdict"),
    Column("Failed requests", figures=True),
    Column("Recovery", figures=True),
    Column("Who"),
    Column("Reason", prose=True),
)


def show(sources: Sources) -> None:
    """Show the page; `?run=` chooses the drill that is looked at."""
    run = st.query_params.get("run")
    if run:
        drill.show(sources, run)
    _catalogue(sources)
    _history(sources)


@fragment(2)
def _catalogue(sources: Sources) -> None:
    started = st.session_state.pop(STARTED, None)
    if started:
        st.query_params["run"] = started
        st.rerun(scope="app")
    st.html(markup.section("Experiments"))
    try:
        kept = keep("experiments", sources.control.experiments)
        state = keep("state", sources.control.state)
    except SignedOutError:
        st.rerun(scope="app")
    states.trouble(kept)
    for experiment in kept.value or []:
        _experiment(sources, experiment, state.value)
    if kept.value == []:
        states.empty("No experiment is installed: chaos/experiments holds none.")


def _experiment(sources: Sources, experiment: Experiment, state: State | None) -> None:
    with st.container(key=f"form-{experiment.name}"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            st.html(
                f'<div class="ph-section"><h3>{markup.safe(experiment.title)}</h3>'
                f'<span class="ph-mono">{markup.safe(experiment.name)}</span></div>'
                f"<p>{markup.safe(experiment.description)}</p>{markup.facts(_plain(experiment))}"
            )
        with right:
            _run(sources, experiment, state)


def _plain(experiment: Experiment) -> list[tuple[str, Content]]:
    return [
        ("Hypothesis", _lines(experiment.hypothesis)),
        ("Action", _lines(experiment.action)),
        ("Blast radius", experiment.blast_radius),
        ("Rollback", experiment.rollback),
    ]


def _lines(texts: list[str]) -> Raw:
    return Raw("<br>".join(markup.safe(text) for text in texts))


def _run(sources: Sources, experiment: Experiment, state: State | None) -> None:
    if not may(sources, "operator"):
        states.note("An operator may run this drill.")
        return
    if state is not None and state.environment == "production":
        states.note("This is production: no drill starts here.")
        return
    halted = state is not None and state.halt.on
    running = state.drills_running if state is not None else []
    if halted:
        states.note("The halt switch is on, so no drill may start. Re-arm it above first.", "bad")
    elif running:
        states.note(f"A drill is running: {', '.join(running)}.", "warn")

    def start(reason: str) -> None:
        request = DrillRequest(experiment=experiment.name, reason=reason)
        st.session_state[STARTED] = sources.control.start_drill(request).run

    ask(f"run-{experiment.name}", "Run this drill", start, allowed=not halted and not running)


@fragment(2)
def _history(sources: Sources) -> None:
    st.html(markup.section("Drills"))
    try:
        kept = keep("drills", lambda: sources.control.drills(20))
    except SignedOutError:
        st.rerun(scope="app")
    states.trouble(kept)
    if kept.value:
        tables.show("drills", HISTORY, [_past(each) for each in kept.value])
    elif kept.value == []:
        states.empty("No drill was run yet. Its reason, journal and verdict will be kept here.")


def _past(past: Drill) -> list[Content]:
    verdict = past.verdict
    outcome = verdict.verdict if verdict else past.state
    failed = verdict.impact.failed if verdict else None
    return [
        _link(past.run),
        past.experiment,
        moment(past.started_at, zone()),
        markup.state(outcome, TONES.get(outcome, "")),
        NONE if failed is None else f"{failed:,.0f}",
        lasted(verdict.recovery_seconds if verdict else None),
        past.actor,
        past.reason,
    ]


def _link(run: str) -> Raw:
    name = markup.safe(run)
    return Raw(f'<a href="/chaos?run={name}" target="_self">{name}</a>')
