"""The drills that were run, newest first."""

from collections.abc import Mapping, Sequence

import streamlit as st

from console.components import markup, states, tables
from console.components.freshness import keep
from console.components.markup import Content, Raw
from console.components.numbers import NONE, lasted, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from console.schemas import Drill

TONES: dict[str, markup.Tone] = {
    "passed": "good",
    "failed": "bad",
    "inconclusive": "warn",
    "interrupted": "bad",
    "running": "warn",
}
COLUMNS = (
    Column("Started"),
    Column("Experiment"),
    Column("Verdict"),
    Column("Failed requests", figures=True),
    Column("Recovery", figures=True),
    Column("Signals", figures=True),
    Column("Who"),
    Column("Reason", prose=True),
)
SHOWN = 50
NOBODY_YET = "No drill was run yet. Its reason, journal and verdict will be kept here."


@fragment(5)
def show(sources: Sources) -> None:
    """Show the newest drills of all experiments."""
    st.html(markup.section("Drills", f"the last {SHOWN}"))
    _table(sources, None, NOBODY_YET)


@fragment(5)
def show_of(sources: Sources, experiment: str) -> None:
    """Show the newest drills of one experiment."""
    st.html(markup.section("Its drills"))
    _table(sources, experiment, "It was not run yet.")


def _table(sources: Sources, experiment: str | None, none: str) -> None:
    kept = keep("drills", lambda: sources.control.drills(SHOWN))
    states.trouble(kept)
    if kept.value is None:
        return
    found = [each for each in kept.value if experiment in (None, each.experiment)]
    if found:
        tables.show("drills", COLUMNS, [_row(each) for each in found])
    else:
        states.empty(none)


def newest_of_each(drills: Sequence[Drill]) -> Mapping[str, Drill]:
    """Return each experiment's newest run; `drills` are newest first."""
    return {drill.experiment: drill for drill in reversed(drills)}


def outcome(drill: Drill) -> str:
    return drill.verdict.verdict if drill.verdict else drill.state


def link(run: str, words: str) -> str:
    """Return the link that opens a drill."""
    return f'<a href="/chaos?run={markup.safe(run)}" target="_self">{markup.safe(words)}</a>'


def _row(drill: Drill) -> list[Content]:
    verdict = drill.verdict
    failed = verdict.impact.failed if verdict else None
    words = outcome(drill)
    return [
        Raw(link(drill.run, moment(drill.started_at, zone()))),
        drill.experiment,
        markup.state(words, TONES.get(words, "")),
        NONE if failed is None else f"{failed:,.0f}",
        lasted(verdict.recovery_seconds if verdict else None),
        _signals(drill),
        drill.actor,
        drill.reason,
    ]


def _signals(drill: Drill) -> str:
    reports = drill.verdict.signals if drill.verdict else []
    return f"{sum(each.met is True for each in reports)} of {len(reports)}" if reports else NONE
