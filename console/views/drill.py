"""One drill as it runs and after it ended: phases, journal, charts, verdict."""

from collections.abc import Mapping, Set
from datetime import UTC, datetime, timedelta

import streamlit as st

from console.clients import queries, readings
from console.clients.failures import SignedOutError
from console.clients.readings import Curves, Window
from console.components import charts, markup, states
from console.components.charts import Around, Band, Chart
from console.components.freshness import keep
from console.components.markup import Raw, Tone
from console.components.numbers import clock, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.schemas import Drill, JournalEntry
from console.views import verdict

# The journal's kinds that belong to a phase; in the order in which a drill goes through them.
PHASES = {
    "Steady state before": {"steady.before"},
    "Fault": {"fault.injecting", "fault.injected"},
    "Recovering": {"recovering"},
    "Recovered": {"recovered", "impact"},
    "Steady state after": {"steady.after"},
    "Undo read back": {"undo"},
    "Verdict": {"run.ended"},
}
# What ends a drill early is shown only where it happened, before what it leads to.
CUT_SHORT = {"refused": "Refused", "activity.failed": "Failed", "aborted": "Aborted"}
STATE_TONES: dict[str, Tone] = {"running": "warn", "ended": "", "interrupted": "bad"}
TONES: dict[str, Tone] = {
    "fault.injecting": "warn",
    "fault.injected": "bad",
    "refused": "warn",
    "activity.failed": "bad",
    "aborted": "bad",
    "recovered": "good",
}

STATUS_CHART = Chart("drill-status", "Requests by status class", "/s", stacked=True)
P99_CHART = Chart("drill-p99", "p99 latency", "ms", factor=1000)
READY_CHART = Chart("drill-ready", "Ready replicas", "", whole=True)
BEFORE, AFTER, STEP = 60, 60, 2


def show(sources: Sources, run: str) -> None:
    """Show one drill; refreshes itself."""
    _drill(sources, run)


@fragment(2)
def _drill(sources: Sources, run: str) -> None:
    try:
        kept = keep(f"drill-{run}", lambda: sources.control.drill(run))
    except SignedOutError:
        st.rerun(scope="app")
    if kept.value is None:
        states.trouble(kept)
        return
    drill = kept.value
    st.html(_title(drill))
    states.trouble(kept, "The drill itself goes on without the control service.")
    st.html(_phases(drill))
    if drill.verdict is not None:
        verdict.show(drill.verdict)
    left, right = st.columns([1, 1], gap="small")
    with left:
        _journal(drill)
    with right:
        _charts(sources, drill)


def _title(drill: Drill) -> str:
    state = markup.chip(drill.state, STATE_TONES[drill.state], name="drill-state")
    when = moment(drill.started_at, zone())
    who = f"{drill.experiment}, by {drill.actor} at {when}: {drill.reason}"
    back = '<a href="/chaos" target="_self">Close</a>'
    return markup.section(f"Drill {drill.run}", Raw(f"{state} {markup.safe(who)} {back}"))


def _phases(drill: Drill) -> str:
    """Return the phases: those that the journal names, and where a running drill is now.

    A drill may leave some out: one that never was steady injects nothing.
    """
    seen = {entry.kind for entry in drill.journal}
    phases = _phases_of(seen)
    reached = [words for words, kinds in phases.items() if kinds & seen] or [next(iter(phases))]
    now = reached[-1] if drill.state == "running" else None
    items = "".join(
        f'<li class="{"ph-now" if words == now else "ph-done" if kinds & seen else ""}">'
        f"{markup.dot()}{words}</li>"
        for words, kinds in phases.items()
    )
    return f'<ol class="ph-steps" data-phases="{drill.state}">{items}</ol>'


def _phases_of(seen: Set[str]) -> Mapping[str, Set[str]]:
    early = {words: {kind} for kind, words in CUT_SHORT.items() if kind in seen}
    before = ("Undo read back", "Verdict")
    return (
        {words: kinds for words, kinds in PHASES.items() if words not in before}
        | early
        | {words: PHASES[words] for words in before}
    )


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


def _charts(sources: Sources, drill: Drill) -> None:
    st.html(markup.section("Meanwhile", "the fault's time is shaded"))
    window = _window(drill, datetime.now(UTC))
    kept = keep(f"drill-curves-{drill.run}", lambda: _curves(sources, window))
    states.trouble(kept)
    if kept.value is None:
        return
    status, p99, ready = kept.value
    around = Around(_bands(drill, window))
    charts.show(STATUS_CHART, status, window, charts.STATUS, around)
    charts.show(P99_CHART, p99, window, charts.QUANTILES, around)
    charts.show(READY_CHART, ready, window, None, around)


def _curves(sources: Sources, window: Window) -> tuple[Curves, Curves, Curves]:
    p99 = readings.trend(sources.prometheus, queries.P99, window)
    return (
        readings.curves(sources.prometheus, queries.STATUS_CLASSES, window, "class"),
        {"p99": p99} if p99 else {},
        readings.curves(sources.prometheus, queries.READY_REPLICAS, window, "role"),
    )


def _window(drill: Drill, now: datetime) -> Window:
    """Return the drill's time with a minute around it, as far as that is past."""
    end = now if drill.ended_at is None else min(now, drill.ended_at + timedelta(seconds=AFTER))
    start = drill.started_at - timedelta(seconds=BEFORE)
    seconds = max((end - start).total_seconds(), BEFORE)
    # A drill of hours still gets at most 300 points.
    step = max(STEP, seconds // 300)
    return Window.until(end, timedelta(seconds=seconds // step * step), step)


def _bands(drill: Drill, window: Window) -> list[Band]:
    """Return the time between the fault and the recovery, or up to now without one."""
    times = {entry.kind: entry.at for entry in drill.journal}
    # A runner that died between the two lines may have injected it all the same.
    fault = times.get("fault.injected") or times.get("fault.injecting")
    if fault is None:
        return []
    return [Band(fault, times.get("recovered") or drill.ended_at or window.end)]
