"""The Load page's charts over a window that the reader chooses."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from console.clients import queries, readings
from console.clients.readings import Curves, Window
from console.components import charts, markup, numbers, states
from console.components.charts import Chart
from console.components.freshness import keep
from console.components.reports import fragment
from console.components.session import Sources

# What is chosen → (seconds, seconds between two points).
WINDOWS = {"5 min": (300, 5), "15 min": (900, 5), "1 h": (3600, 20)}

STATUS_CHART = Chart("status", "Requests by status class", "/s", stacked=True)
LATENCY_CHART = Chart("latency", "Latency", "ms", factor=1000)
CPU_CHART = Chart("cpu", "CPU by replica", "% of a core", factor=100)
MEMORY_CHART = Chart("memory", "Memory by replica", "MiB", factor=1 / numbers.MEBIBYTE)


@fragment(4)
def show(sources: Sources) -> None:
    """Show the charts; they refresh themselves."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        title = st.container(width="content")
        chosen = st.segmented_control(
            "Window",
            list(WINDOWS),
            default="15 min",
            required=True,
            key="window",
            label_visibility="collapsed",
        )
    length, step = WINDOWS[chosen or "15 min"]
    kept = keep(f"curves-{chosen}", lambda: _read_curves(sources, length, step))
    title.html(markup.section("Over time", states.since(kept)))
    if kept.value is None:
        return
    window, status, latency, cpu, memory = kept.value
    left, right = st.columns(2, gap="small")
    with left:
        charts.show(STATUS_CHART, status, window, charts.STATUS)
        charts.show(CPU_CHART, cpu, window)
    with right:
        charts.show(LATENCY_CHART, latency, window, charts.QUANTILES)
        charts.show(MEMORY_CHART, memory, window)


def _read_curves(
    sources: Sources, length: int, step: int
) -> tuple[Window, Curves, Curves, Curves, Curves]:
    window = Window.until(datetime.now(UTC), timedelta(seconds=length), step)
    quantiles = {"p50": queries.P50, "p95": queries.P95, "p99": queries.P99}
    latency = {
        name: readings.trend(sources.prometheus, query, window) for name, query in quantiles.items()
    }
    status = readings.curves(sources.prometheus, queries.STATUS_CLASSES, window, "class")
    cpu = readings.curves(sources.prometheus, queries.REPLICA_CPU, window, "instance")
    memory = readings.curves(sources.prometheus, queries.REPLICA_MEMORY, window, "instance")
    return window, status, {name: found for name, found in latency.items() if found}, cpu, memory
