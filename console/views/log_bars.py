"""Lines over time by level, as stacked bars."""

from collections.abc import Iterator
from typing import Any

import altair as alt
import streamlit as st

from backend.observability.fields import LEVELS
from console.components.charts import PADDING
from console.schemas import LogBar, LogHistogram

COLOURS = {
    "debug": "#8a97a5",
    "info": "#2f8fb3",
    "warning": "#d58a2a",
    "error": "#d24a43",
    "critical": "#8e1f4f",
}
HEIGHT = 140


def show(counts: LogHistogram) -> None:
    """Show the bars over the whole time that was searched."""
    st.vega_lite_chart(spec=specification(counts), key="log-bars", width="stretch")


def _stacked(bar: LogBar, width: int) -> Iterator[dict[str, Any]]:
    """Yield a rectangle a level, the worst at the bottom."""
    begin, below = bar.at.timestamp() * 1000, 0
    for level in reversed(LEVELS):
        if count := bar.counts.get(level):
            yield {
                "from": begin,
                "to": begin + width * 1000,
                "level": level,
                "lines": count,
                "below": below,
                "above": below + count,
            }
            below += count


def specification(counts: LogHistogram) -> dict[str, Any]:
    """Return the chart as Vega-Lite."""
    rows = [row for bar in counts.bars for row in _stacked(bar, counts.width)]
    # The worst is drawn last, and has an edge, so that a single line of it is seen.
    rows.sort(key=lambda row: LEVELS.index(row["level"]))
    present = [level for level in LEVELS if any(level in bar.counts for bar in counts.bars)]
    shades = alt.Scale(domain=present, range=[COLOURS[level] for level in present])
    whole = [counts.since.timestamp() * 1000, counts.until.timestamp() * 1000]
    long = whole[1] - whole[0] > 86_400_000
    axis = alt.Axis(format="%d %b %H:%M" if long else "%H:%M:%S", tickCount=5, grid=False,
                    labelOverlap=True)  # fmt: skip
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(strokeWidth=1)
        .encode(
            x=alt.X("from:T", title=None, axis=axis, scale=alt.Scale(domain=whole)),
            x2="to:T",
            y=alt.Y("above:Q", title=None, axis=alt.Axis(tickCount=3, format=",~f")),
            y2="below:Q",
            color=alt.Color(
                "level:N",
                scale=shades,
                legend=alt.Legend(title=None, orient="top", columns=5, offset=4, padding=0),
            ),
            stroke=alt.Stroke("level:N", scale=shades, legend=None),
            tooltip=[
                alt.Tooltip("from:T", format="%d %b %H:%M:%S", title="From"),
                alt.Tooltip("level:N", title="Level"),
                alt.Tooltip("lines:Q", title="Lines", format=","),
            ],
        )
        .properties(height=HEIGHT, background="transparent", padding=PADDING)
    )
    specified: dict[str, Any] = chart.to_dict()
    return specified
