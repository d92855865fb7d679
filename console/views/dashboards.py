"""The Dashboards page: Grafana's dashboards, drawn plainly; links to Grafana where there is one."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from console.clients import panels as asking
from console.clients.boards import Board, Panel, boards
from console.clients.readings import Window
from console.components import markup, panels
from console.components.charts import Around, Band, Mark
from console.components.freshness import keep
from console.components.reports import fragment
from console.components.session import Sources

# What is chosen → (seconds, seconds between two points).
WINDOWS = {
    "5 min": (300, 4),
    "15 min": (900, 10),
    "1 h": (3600, 30),
    "6 h": (21600, 120),
    "24 h": (86400, 480),
}
REFRESH = {"10 s": 10, "30 s": 30, "off": None}
INSTANT = {"stat", "bargauge", "table"}


def show(sources: Sources) -> None:
    """Show the dashboard that `?dashboard=UID` names, the first one without it."""
    board = _chosen()
    window, refresh = _wanted()
    _links(sources, board)
    st.html(
        f'<div class="ph-muted">{markup.safe(board.description.partition(" Generated:")[0])}</div>'
    )
    for title, lines in board.rows:
        fragment(REFRESH[refresh])(_row)(sources, board, title, lines, window)


def _chosen() -> Board:
    known = boards()
    asked = st.query_params.get("dashboard", "")
    uids = list(known)
    chosen = st.segmented_control(
        "Dashboard",
        uids,
        default=asked if asked in known else uids[0],
        format_func=lambda uid: known[uid].name,
        required=True,
        key="dashboard",
        label_visibility="collapsed",
    )
    st.query_params["dashboard"] = chosen or uids[0]
    return known[chosen or uids[0]]


def _wanted() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="center", key="dashboard-choices"):
        window = st.segmented_control(
            "Time range",
            list(WINDOWS),
            default="15 min",
            required=True,
            key="board-window",
            label_visibility="collapsed",
        )
        refresh = st.segmented_control(
            "Refresh",
            list(REFRESH),
            default="10 s",
            required=True,
            key="board-refresh",
            format_func=lambda each: f"every {each}" if REFRESH[each] else "no refresh",
            label_visibility="collapsed",
        )
    return window or "15 min", refresh or "10 s"


def _links(sources: Sources, board: Board) -> None:
    """Say where Grafana shows the same, if the control service knows a Grafana that does."""
    known = keep("grafana", sources.control.dashboards).value or []
    for each in known:
        if each.uid == board.uid:
            st.html(markup.place("Open in Grafana", each.url))


def _row(sources: Sources, board: Board, title: str, lines: list[list[Panel]], chosen: str) -> None:
    length, step = WINDOWS[chosen]
    window = Window.until(datetime.now(UTC), timedelta(seconds=length), step)
    around = _around(sources, window)
    st.html(markup.section(title))
    for line in lines:
        columns = st.columns([panel.place.w for panel in line], gap="small")
        for column, panel in zip(columns, line, strict=True):
            with column:
                _panel(sources, (f"panel-{board.uid}-{panel.id}", panel), window, around)


def _panel(sources: Sources, named: tuple[str, Panel], window: Window, around: Around) -> None:
    name, panel = named
    if panel.kind in INSTANT:
        found = keep(name, lambda: asking.answers(sources.prometheus, panel, window))
        if found.value is not None:
            panels.now(name, panel, found.value)
            return
        panels.failed(name, panel, found.trouble or "")
        return
    curves = keep(f"{name}-{window.step}", lambda: asking.curves(sources.prometheus, panel, window))
    if curves.trouble is None and curves.value is not None:
        panels.over_time(name, panel, curves.value, window, around)
    else:
        panels.failed(name, panel, curves.trouble or "")


def _around(sources: Sources, window: Window) -> Around:
    """Return the drills and scalings of the window; without the control service, none."""
    drills = keep("marked-drills", lambda: sources.control.drills(20)).value or []
    actions = keep("marked-actions", lambda: sources.control.actions(50)).value or []
    bands = [Band(drill.started_at, drill.ended_at or window.end) for drill in drills]
    marks = [
        Mark(action.started_at, f"{action.kind} {action.target} to {action.wanted}")
        for action in actions
    ]
    return Around(bands, marks)
