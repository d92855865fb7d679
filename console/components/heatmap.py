"""A histogram over time: how many observations fell into each bucket, as shades."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import streamlit as st

from console.clients.readings import Curves, Window
from console.components.charts import HEIGHT, PADDING
from console.components.units import unit_for

SHADE = "#2f8fb3"
MOST_COLUMNS = 90


def show(key: str, buckets: Curves, window: Window, unit: str) -> None:
    """Show cumulative `buckets` by their upper bound (`le`), a rate each of the window's times.

    `unit` is Grafana's id of the bounds' unit.
    """
    bounds = sorted(buckets, key=float)
    cells = _cells(bounds, buckets, window)
    spec = (
        alt.Chart(alt.NamedData("cells"))
        .mark_rect(color=SHADE)
        .encode(
            x=alt.X("from:T", title=None, axis=alt.Axis(format="%H:%M", tickCount=5, grid=False)),
            x2="to:T",
            y=alt.Y("bound:O", title=None, sort=[_said(b, unit) for b in reversed(bounds)]),
            opacity=alt.Opacity("rate:Q", legend=None, scale=alt.Scale(range=[0.06, 1])),
            tooltip=[alt.Tooltip("bound:O", title="up to"), alt.Tooltip("rate:Q", format=".3~f")],
        )
        .properties(height=HEIGHT, background="transparent", padding=PADDING)
        .to_dict()
    )
    for cell in cells:
        cell["bound"] = _said(cell.pop("le"), unit)
    st.vega_lite_chart(spec={**spec, "datasets": {"cells": cells}}, key=key, width="stretch")


def _cells(bounds: Sequence[str], buckets: Curves, window: Window) -> list[dict[str, Any]]:
    """Return what fell into each bucket alone, for as many columns as can be told apart."""
    times = window.times
    stride = max(1, len(times) // MOST_COLUMNS)
    cells = []
    for place in range(0, len(times), stride):
        end = times[min(place + stride, len(times) - 1)]
        below = 0.0
        for bound in bounds:
            reached = buckets[bound][place]
            if reached is None:
                continue
            if reached > below:
                cells.append(
                    {"from": times[place], "to": end, "le": bound, "rate": reached - below}
                )
            below = max(below, reached)
    return cells


def _said(bound: str, unit: str) -> str:
    if bound == "+Inf":
        return "more"
    shown = unit_for(unit, [float(bound)])
    return f"{shown.write(float(bound))} {shown.name}"
