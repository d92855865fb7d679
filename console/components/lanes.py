"""A lane a kind on one axis of time: what went on beside what, to be seen at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import altair as alt
import streamlit as st

from console.components.charts import PADDING

LANE, AXIS = 26, 36  # pixels


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a lane, or a dot where it has no length; `told` is its tooltip."""

    lane: str
    start: datetime
    end: datetime
    told: str


def show(
    name: str,
    lanes: Sequence[tuple[str, str]],
    bars: Sequence[Bar],
    axis: tuple[datetime, datetime],
) -> None:
    """Show `lanes` (name and colour) from top to bottom over the whole of `axis`."""
    start, end = axis
    datasets = {
        "bars": [
            {"lane": bar.lane, "from": bar.start, "to": min(bar.end, end), "told": bar.told}
            for bar in bars
        ],
        "frame": [{"time": start}, {"time": end}],
    }
    long = (end - start).total_seconds() > 86_400
    spec = _specification(tuple(lanes), "%d %b" if long else "%H:%M")
    with st.container(key=f"chart-{name}", gap=None):
        st.vega_lite_chart(spec={**spec, "datasets": datasets}, key=f"vega-{name}", width="stretch")


@lru_cache(maxsize=32)
def _specification(lanes: tuple[tuple[str, str], ...], clock: str) -> dict[str, Any]:
    names, colours = [name for name, _ in lanes], [colour for _, colour in lanes]
    axis = alt.Axis(format=clock, tickCount=8, grid=True, labelOverlap=True)
    every = alt.Axis(labelOverlap=False, ticks=False, domain=False)
    lane = alt.Y("lane:N", title=None, sort=names, scale=alt.Scale(domain=names), axis=every)
    colour = alt.Color("lane:N", scale=alt.Scale(domain=names, range=colours), legend=None)
    told = [
        alt.Tooltip("from:T", format="%d %b, %H:%M:%S", title="When"),
        alt.Tooltip("told:N", title="What"),
    ]
    bars = alt.Chart(alt.NamedData("bars"))
    layers = (
        # Holds the time axis to the whole stretch, also where nothing was.
        alt.Chart(alt.NamedData("frame"))
        .mark_rule(opacity=0)
        .encode(x=alt.X("time:T", title=None, axis=axis)),
        bars.mark_bar(height=LANE / 2, cornerRadius=3, opacity=0.8).encode(
            x=alt.X("from:T", title=None, axis=axis), x2="to:T", y=lane, color=colour, tooltip=told
        ),
        bars.mark_tick(thickness=2, height=LANE * 0.7).encode(
            x="from:T", y=lane, color=colour, tooltip=told
        ),
    )
    return (
        alt.layer(*layers)
        .properties(height=LANE * len(lanes) + AXIS, background="transparent", padding=PADDING)
        .to_dict()
    )
