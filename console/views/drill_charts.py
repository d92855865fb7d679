"""What users and replicas went through during a drill, with the fault's time shaded."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from console.clients import queries, readings
from console.clients.readings import Curves, Window
from console.components import charts, markup, states
from console.components.charts import Around, Band, Chart
from console.components.freshness import keep
from console.components.session import Sources
from console.schemas import Drill

STATUS_CHART = Chart("drill-status", "Requests by status class", "/s", stacked=True)
P99_CHART = Chart("drill-p99", "p99 latency", "ms", factor=1000)
READY_CHART = Chart("drill-ready", "Ready replicas", "", whole=True)
BEFORE, AFTER, STEP = 60, 60, 2


def show(sources: Sources, drill: Drill) -> None:
    """Show the charts of the drill's time."""
    st.html(markup.section("Meanwhile", "the fault's time is shaded"))
    window = _window(drill, datetime.now(UTC))
    kept = keep(f"drill-curves-{drill.run}", lambda: _curves(sources, window))
    states.trouble(kept)
    if kept.value is None:
        return
    status, p99, ready = kept.value
    around = Around(bands(drill, window))
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


def bands(drill: Drill, window: Window) -> list[Band]:
    """Return the times from a fault to the recovery from it, or up to now without one.

    Faults that overlap have one band, up to the last recovery.
    """
    found: list[Band] = []
    since: datetime | None = None
    sure = False
    for entry in drill.journal:
        # A runner that died between the two lines may have injected it all the same.
        if entry.kind == "fault.injecting" and since is None:
            since, sure = entry.at, False
        elif entry.kind == "fault.injected" and not (since and sure):
            since, sure = entry.at, True
        elif entry.kind == "recovered":
            start = since or (found.pop().start if found else entry.at)
            found.append(Band(start, entry.at))
            since = None
    if since is not None:
        found.append(Band(since, drill.ended_at or window.end))
    return found
