"""The Timeline page: what was done and what happened, who, why, and beside what."""

from datetime import datetime
from urllib.parse import urlencode

import streamlit as st

from console.components import lanes, markup, states, tables
from console.components.charts import PALETTE, STATUS
from console.components.freshness import keep
from console.components.lanes import Bar
from console.components.markup import Content, Raw, Tone
from console.components.numbers import NONE, lasted, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from console.timeline_schemas import KINDS, Kind, Moment, Timeline

PERIODS = {"1 h": 1.0, "6 h": 6.0, "24 h": 24.0, "7 days": 168.0}
BAD = STATUS["5xx"]
COLOURS: dict[Kind, str] = {
    "deploy": PALETTE[2],
    "scale": PALETTE[0],
    "drill": PALETTE[1],
    "game day": PALETTE[1],
    "fault": BAD,
    "alert": PALETTE[4],
    "errors": BAD,
    "halt": PALETTE[7],
    "silence": PALETTE[5],
    "access": PALETTE[6],
    "sign-in": PALETTE[3],
}
TONES: dict[str, Tone] = {
    "done": "good",
    "failed": "bad",
    "refused": "warn",
    "page": "bad",
    "ticket": "warn",
}
COLUMNS = (
    Column("When"),
    Column("Lasted", figures=True),
    Column("Kind"),
    Column("What", prose=True),
    Column("Who"),
    Column("Why", prose=True),
    Column("Outcome", prose=True),
    Column("Beside", prose=True),
)
BESIDE = 3


def show(sources: Sources) -> None:
    """Show the page; it refreshes itself."""
    with st.container(horizontal=True, vertical_alignment="center"):
        period = st.segmented_control(
            "Period", list(PERIODS), default="6 h", required=True, label_visibility="collapsed"
        )
        kinds = st.pills(
            "Kinds",
            KINDS,
            default=[kind for kind in KINDS if kind != "sign-in"],
            selection_mode="multi",
            label_visibility="collapsed",
        )
    _moments(sources, period or "6 h", tuple(kinds))


@fragment(5)
def _moments(sources: Sources, period: str, kinds: tuple[Kind, ...]) -> None:
    kept = keep(f"timeline-{period}", lambda: sources.control.timeline(PERIODS[period]))
    st.html(markup.section("What happened", states.since(kept)))
    states.trouble(kept)
    if kept.value is None:
        return
    for trouble in kept.value.troubles:
        states.note(trouble, "warn")
    found = [each for each in kept.value.moments if each.kind in kinds]
    if not found:
        states.empty(f"Nothing of these kinds in the last {period}.")
        return
    _lanes(kept.value, found)
    tables.show("timeline", COLUMNS, [_row(each, kept.value) for each in found])
    if kept.value.more:
        states.note("Older ones are not shown: choose a shorter period, or read `pharos audit`.")


def _lanes(timeline: Timeline, found: list[Moment]) -> None:
    there = {each.kind for each in found}
    bars = [
        Bar(each.kind, max(each.at, timeline.since), _end(each, timeline), each.title)
        for each in found
    ]
    shown = [(kind, COLOURS[kind]) for kind in KINDS if kind in there]
    lanes.show("timeline", shown, bars, (timeline.since, timeline.until))


def _end(each: Moment, timeline: Timeline) -> datetime:
    return timeline.until if each.ongoing else each.ended_at or each.at


def _row(each: Moment, timeline: Timeline) -> list[Content]:
    length = (_end(each, timeline) - each.at).total_seconds()
    return [
        moment(each.at, zone()),
        f"{lasted(length)}{' so far' if each.ongoing else ''}" if length else NONE,
        each.kind,
        _what(each),
        each.who or NONE,
        each.why or NONE,
        _outcome(each),
        _beside(each.beside),
    ]


def _what(each: Moment) -> Content:
    if each.kind == "alert":
        address = f"/alerts?{urlencode({'alert': each.ref or ''})}"
    elif each.kind in {"drill", "fault"} and each.ref:
        address = f"/chaos?{urlencode({'run': each.ref})}"
    elif each.kind == "game day" and each.ref:
        address = f"/chaos?{urlencode({'view': 'game days', 'day': each.ref})}"
    elif each.kind == "errors":
        address = f"/logs?{urlencode({'level': 'error', 'since': each.at.isoformat()})}"
    else:
        return each.title
    return Raw(markup.place(each.title, address, own=True))


def _outcome(each: Moment) -> Content:
    if each.outcome is None:
        return NONE
    word, _, more = each.outcome.partition(": ")
    return Raw(f"{markup.state(word, TONES.get(word, '')).html} {markup.safe(more)}")


def _beside(names: list[str]) -> str:
    shown = "; ".join(names[:BESIDE])
    more = len(names) - BESIDE
    return f"{shown}; {more} more" if more > 0 else shown or NONE
