"""Time-series charts: Altair specifications that never change, with data that does.

A specification is made once a chart and only its data sets are sent again, so
that the browser moves the lines instead of drawing the chart anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import altair as alt
import streamlit as st

from console.clients.readings import Window
from console.components import markup

# Readable on both backgrounds; the order tells neighbours apart without red against green.
PALETTE = ("#2f8fb3", "#d58a2a", "#7a6fd0", "#3f9b6c", "#c65b8a", "#8a9a2f", "#5c7c99", "#b3653c")
STATUS = {
    "2xx": "#2f8fb3",
    "3xx": "#7a6fd0",
    "4xx": "#d58a2a",
    "5xx": "#d24a43",
    "1xx": "#5c7c99",
}
QUANTILES = {"p50": "#2f8fb3", "p95": "#7a6fd0", "p99": "#d58a2a"}
HEIGHT = 168
# A legend does not wrap by itself, and sixteen replicas are more than one line holds.
LEGEND_COLUMNS = 5
# A legend of more lines than two makes the chart higher, not its lines flatter.
LEGEND_LINE = 15
PADDING = {"left": 2, "right": 6, "top": 4, "bottom": 2}

Curves = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's name (hook for tests and Streamlit's key), title, unit, and factor to that unit.

    `told` is the title's tooltip; `columns` is how many names a line of the legend holds.
    """

    name: str
    title: str
    unit: str
    factor: float = 1.0
    stacked: bool = False
    whole: bool = False
    told: str = ""
    columns: int = LEGEND_COLUMNS


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment to point at: what was changed then."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of time to shade: a fault's."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Around:
    """What happened meanwhile, for every chart of a page alike."""

    bands: Sequence[Band] = ()
    marks: Sequence[Mark] = ()


NOTHING = Around()


def colours(names: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Return a colour a name: the known one, else the palette's by place."""
    return tuple(known.get(name, PALETTE[place % len(PALETTE)]) for place, name in enumerate(names))


def show(
    chart: Chart,
    curves: Curves,
    window: Window,
    palette: Mapping[str, str] | None = None,
    around: Around = NOTHING,
) -> None:
    """Show `curves` (base units, a value each of the window's times)."""
    with st.container(key=f"chart-{chart.name}", gap=None):
        st.html(markup.section(chart.title, chart.unit, chart.told))
        if any(value is not None for values in curves.values() for value in values):
            _draw(chart, curves, window, palette or {}, around)
        else:
            st.html(f'<div class="ph-blank" style="height:{HEIGHT}px">Nothing in this window</div>')


def _bands(bands: Sequence[Band], window: Window) -> list[dict[str, Any]]:
    return [
        {"from": max(band.start, window.start), "to": min(band.end, window.end)}
        for band in bands
        if band.end >= window.start
    ]


def _marks(marks: Sequence[Mark], window: Window) -> list[dict[str, Any]]:
    return [
        {"at": mark.at, "text": mark.text}
        for mark in marks
        if window.start <= mark.at <= window.end
    ]


def _draw(
    chart: Chart,
    curves: Curves,
    window: Window,
    palette: Mapping[str, str],
    around: Around,
) -> None:
    names = tuple(sorted(curves, key=natural))
    spec = _specification(chart, names, colours(names, palette), window.length.total_seconds())
    datasets = {
        "lines": _rows(chart, curves, window),
        "frame": [{"time": window.start}, {"time": window.end}],
        "bands": _bands(around.bands, window),
        "marks": _marks(around.marks, window),
    }
    st.vega_lite_chart(
        spec={**spec, "datasets": datasets}, key=f"vega-{chart.name}", width="stretch"
    )


def _rows(chart: Chart, curves: Curves, window: Window) -> list[dict[str, Any]]:
    return [
        {"time": at, "series": name, "value": None if value is None else value * chart.factor}
        for name, values in curves.items()
        for at, value in zip(window.times, values, strict=True)
    ]


@lru_cache(maxsize=128)
def _specification(
    chart: Chart, names: tuple[str, ...], shades: tuple[str, ...], seconds: float
) -> dict[str, Any]:
    time, value = _axes(chart, seconds)
    lines = alt.Chart(alt.NamedData("lines"))
    drawn = (
        lines.mark_area(opacity=0.75, line=False)
        if chart.stacked
        else lines.mark_line(strokeWidth=1.8, strokeJoin="round")
    )
    layers = (
        alt.Chart(alt.NamedData("bands"))
        .mark_rect(color=STATUS["5xx"], opacity=0.16)
        .encode(x=alt.X("from:T", title=None), x2="to:T"),
        alt.Chart(alt.NamedData("marks"))
        .mark_rule(color=PALETTE[2], strokeWidth=1.4, strokeDash=[4, 3])
        .encode(x=alt.X("at:T", title=None), tooltip=alt.Tooltip("text:N", title="Changed")),
        # Holds the time axis to the whole window, also where there is no data.
        alt.Chart(alt.NamedData("frame")).mark_rule(opacity=0).encode(x=time),
        drawn.encode(x=time, y=value, color=_colour(chart, names, shades)),
        # Larger than a line, so that a tooltip does not need a steady hand.
        lines.mark_point(opacity=0, size=90).encode(x=time, y=value, tooltip=_told(chart)),
    )
    return (
        alt.layer(*layers)
        .properties(height=_height(chart, names), background="transparent", padding=PADDING)
        .to_dict()
    )


def _height(chart: Chart, names: tuple[str, ...]) -> int:
    lines = -(-len(names) // chart.columns)
    return HEIGHT + LEGEND_LINE * max(0, lines - 2)


def _axes(chart: Chart, seconds: float) -> tuple[alt.X, alt.Y]:
    clock = "%H:%M:%S" if seconds <= 300 else "%H:%M"
    time = alt.Axis(format=clock, tickCount=5, grid=False, labelOverlap=True)
    step = 1 if chart.whole else 0
    value = alt.Axis(tickCount=4, format=",~f", tickMinStep=step)
    return (
        alt.X("time:T", title=None, axis=time),
        alt.Y(
            "value:Q",
            title=None,
            stack="zero" if chart.stacked else None,
            axis=value,
            scale=alt.Scale(zero=True, nice=True),
        ),
    )


def _colour(chart: Chart, names: tuple[str, ...], shades: tuple[str, ...]) -> alt.Color:
    symbol: Literal["square", "stroke"] = "square" if chart.stacked else "stroke"
    return alt.Color(
        "series:N",
        scale=alt.Scale(domain=list(names), range=list(shades)),
        legend=alt.Legend(
            title=None,
            orient="top",
            columns=chart.columns,
            symbolType=symbol,
            offset=4,
            padding=0,
        ),
    )


def _told(chart: Chart) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("time:T", format="%H:%M:%S", title="Time"),
        alt.Tooltip("series:N", title="Series"),
        alt.Tooltip("value:Q", format=",.3~f", title=chart.unit or "Value"),
    ]


def natural(name: str) -> tuple[str, int]:
    """Sort api-2 before api-10."""
    head, _, number = name.rpartition("-")
    return (head, int(number)) if number.isdecimal() else (name, 0)
