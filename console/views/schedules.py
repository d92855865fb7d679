"""The schedules: what starts drills by itself, and when it will next."""

import streamlit as st

from console.components import markup, states, tables
from console.components.freshness import keep
from console.components.markup import Content, Raw
from console.components.numbers import NONE, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from console.schedule_schemas import Schedule, Turn
from console.views import catalogue

COLUMNS = (
    Column("Schedule"),
    Column("Next"),
    Column("When", prose=True),
    Column("May hit", prose=True),
    Column("Chooses among", prose=True),
    Column("By"),
    Column("Reason", prose=True),
)


@fragment(10)
def show(sources: Sources) -> None:
    """Show each schedule with its next turn."""
    kept = keep("schedules", sources.control.schedules)
    st.html(markup.section("Schedules", "an admin adds and removes them"))
    states.trouble(kept)
    if kept.value:
        tables.show("schedules", COLUMNS, [_row(each) for each in kept.value])
    elif kept.value == []:
        states.empty(
            Raw(
                "No drill starts by itself. <code>./pharos chaos schedule --help</code> "
                "says how one would."
            )
        )


def _row(schedule: Schedule) -> list[Content]:
    often = "" if schedule.mean_per_week is None else f", {schedule.mean_per_week:g} a week"
    return [
        schedule.name,
        _turn(schedule.next),
        f"{', '.join(schedule.weekdays)}, {schedule.hours} {schedule.timezone}{often}",
        ", ".join(schedule.targets),
        ", ".join(schedule.eligible) or NONE,
        schedule.created_by,
        schedule.reason,
    ]


def _turn(turn: Turn | None) -> Content:
    if turn is None:
        return NONE
    what = catalogue.link(turn.experiment, turn.experiment) if turn.experiment else "nothing fits"
    return Raw(f"{moment(turn.at, zone())}<br>{what}")
