"""One drill as it runs and after it ended: phases, verdict, faults, signals, journal, charts."""

import streamlit as st

from console.components import markup, states, switch
from console.components.freshness import keep
from console.components.markup import Raw, Tone
from console.components.numbers import clock, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.schemas import Drill, JournalEntry
from console.views import catalogue, drill_charts, expected_signals, leases, phases, verdict

STATE_TONES: dict[str, Tone] = {"running": "warn", "ended": "", "interrupted": "bad"}
TONES: dict[str, Tone] = {
    "fault.injecting": "warn",
    "fault.injected": "bad",
    "refused": "warn",
    "activity.failed": "bad",
    "aborted": "bad",
    "recovered": "good",
    "signal.seen": "good",
    "signal.missing": "bad",
    "signal.unwanted": "bad",
    "unproven": "bad",
}


@fragment(2)
def show(sources: Sources, run: str) -> None:
    """Show one drill; refreshes itself."""
    kept = keep(f"drill-{run}", lambda: sources.control.drill(run))
    if kept.value is None:
        states.trouble(kept)
        return
    drill = kept.value
    st.html(_title(sources, drill))
    states.trouble(kept, "The drill itself goes on without the control service.")
    st.html(phases.shown(drill))
    if drill.state == "running":
        switch.show_beside_drill(sources)
    switch.show_swept()
    if drill.verdict is not None:
        verdict.show(drill.verdict)
    left, right = st.columns([1, 1], gap="small")
    with left:
        _seen(sources, drill)
        _journal(drill)
    with right:
        drill_charts.show(sources, drill)


def _title(sources: Sources, drill: Drill) -> str:
    state = markup.chip(drill.state, STATE_TONES[drill.state], name="drill-state")
    when = moment(drill.started_at, zone())
    guards = " under the guards of a game day" if drill.profile == "game-day" else ""
    who = f"by {drill.actor} at {when}{guards}: {drill.reason}"
    back = '<a href="/chaos" target="_self">All experiments</a>'
    what = catalogue.link(drill.experiment, drill.experiment)
    ways = f"{sources.report(drill.run).html} · {back}" if drill.verdict else back
    return markup.section(f"Drill {drill.run}", Raw(f"{state} {what}, {markup.safe(who)} · {ways}"))


def _seen(sources: Sources, drill: Drill) -> None:
    if drill.state == "running":
        leases.show(leases.read(sources))
    known = catalogue.known(sources).value or []
    expected = next((each.signals for each in known if each.name == drill.experiment), [])
    signals = expected_signals.signals_of(drill, expected)
    if signals:
        st.html(markup.section("Expected signals"))
        st.html(expected_signals.shown(signals))


def _journal(drill: Drill) -> None:
    st.html(markup.section("Journal"))
    if not drill.journal:
        states.empty("The runner has not written its first line yet.")
        return
    lines = "".join(_line(entry) for entry in drill.journal)
    st.html(
        f'<div class="ph-scroll"><ol class="ph-journal" data-journal="{drill.run}">'
        f"{lines}</ol></div>"
    )


def _line(entry: JournalEntry) -> str:
    tone = TONES.get(entry.kind, "muted")
    return (
        f"<li><time>{clock(entry.at, zone())}</time>"
        f'<span class="ph-{tone}">{markup.safe(entry.kind)}</span>'
        f"<span>{markup.safe(entry.message)}</span></li>"
    )
