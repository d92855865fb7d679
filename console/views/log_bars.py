"""Lines over time by level, as stacked bars."""

from typing import Any

import altair as alt
import streamlit as st

from backend.observability.fields import LEVELS
from console.schemas import LogHistogram

COLOURS = {
    "debug": "#8a97a5",
    "info": "#2f8fb3",
    "warning": "#d58a2a",
    "error": "#d24a43",
    "critical": "#8e1f4f",
}
HEIGHT = 110


def show(counts: LogHistogram) -> None:
    """Show the bars over the whole time that was searched."""
    st.vega_lite_chart(spec=specification(counts), key="log-bars", width="stretch")


def specification(counts: LogHistogram) -> dict[str, Any]:
    """Return the chart as Vega-Lite."""
    rows = [
        {
            "from": bar.at.timestamp() * 1000,
            "to": (bar.at.timestamp() + counts.width) * 1000,
            "level": level,
            "lines": count,
        }
        for bar in counts.bars
        for level, count in bar.counts.items()
    ]
    present = [level for level in LEVELS if any(level in bar.counts for bar in counts.bars)]
    whole = [counts.since.timestamp() * 1000, counts.until.timestamp() * 1000]
    long = whole[1] - whole[0] > 86_400_000
    axis = alt.Axis(format="%d %b %H:%M" if long else "%H:%M:%S", tickCount=5, grid=False,
                    labelOverlap=True)  # fmt: skip
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("from:T", title=None, axis=axis, scale=alt.Scale(domain=whole)),
            x2="to:T",
            y=alt.Y("lines:Q", title=None, stack="zero", axis=alt.Axis(tickCount=3, format=",~f")),
            color=alt.Color(
                "level:N",
                scale=alt.Scale(domain=present, range=[COLOURS[level] for level in present]),
                legend=alt.Legend(title=None, orient="top", columns=5, offset=4, padding=0),
            ),
            tooltip=[
                alt.Tooltip("from:T", format="%d %b %H:%M:%S", title="From"),
                alt.Tooltip("level:N", title="Level"),
                alt.Tooltip("lines:Q", title="Lines", format=","),
            ],
        )
        .properties(height=HEIGHT, background="transparent")
    )
    specified: dict[str, Any] = chart.to_dict()
    return specified
