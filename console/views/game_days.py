"""The game days that were held: how each ended, and what became of each of its drills."""

import streamlit as st

from console.components import markup, states, tables
from console.components.freshness import keep
from console.components.markup import Content, Raw
from console.components.numbers import NONE, lasted, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from console.game_day_schemas import Attempt, HeldGameDay
from console.views import catalogue, past_drills

COLUMNS = (
    Column("Started"),
    Column("Outcome"),
    Column("Passed", figures=True),
    Column("Took", figures=True),
    Column("Requests failed", figures=True),
    Column("Report"),
    Column("Reason", prose=True),
)
ATTEMPTS = (
    Column("Experiment"),
    Column("Outcome"),
    Column("Drill"),
    Column("Why", prose=True),
)
TONES = past_drills.TONES | {"halted": "warn", "refused": "warn"}
NONE_YET = Raw(
    "No game day was held on this machine yet. <code>./pharos chaos game-day --help</code> "
    "says how one is."
)


@fragment(15)
def show(sources: Sources) -> None:
    """Show each game day, and the drills of the newest or of the one that `?day=` names."""
    kept = keep("game-days", sources.control.game_days)
    st.html(markup.section("Game days", "an admin holds them from the command line"))
    states.trouble(kept)
    if kept.value == []:
        states.empty(NONE_YET)
    if not kept.value:
        return
    tables.show("game-days", COLUMNS, [_row(sources, each) for each in kept.value])
    asked = st.query_params.get("day")
    chosen = next((each for each in kept.value if each.name == asked), kept.value[0])
    st.html(markup.section(f"Game day {chosen.name}", chosen.words))
    tables.show("game-day", ATTEMPTS, [_attempt(each) for each in chosen.attempts])
    for note in chosen.notes:
        st.html(f'<p class="ph-note">{markup.safe(note)}</p>')


def _row(sources: Sources, day: HeldGameDay) -> list[Content]:
    passed = sum(_outcome(each) == "passed" for each in day.attempts)
    traffic = day.traffic
    return [
        Raw(_link(day.name, moment(day.started_at, zone()))),
        _state(day.outcome),
        f"{passed} of {len(day.attempts)}",
        lasted((day.ended_at - day.started_at).total_seconds()),
        f"{traffic.failed:,} of {traffic.sent:,}" if traffic else NONE,
        sources.report(day.name),
        day.reason,
    ]


def _link(name: str, words: str) -> str:
    query = f"view=game+days&day={markup.safe(name)}"
    return f'<a href="/chaos?{query}" target="_self">{markup.safe(words)}</a>'


def _attempt(attempt: Attempt) -> list[Content]:
    run = attempt.run
    return [
        Raw(catalogue.link(attempt.experiment, attempt.experiment)),
        _state(_outcome(attempt)),
        Raw(past_drills.link(run, run)) if run else NONE,
        attempt.why,
    ]


def _outcome(attempt: Attempt) -> str:
    return attempt.verdict.verdict if attempt.verdict else attempt.state


def _state(words: str) -> Raw:
    return markup.state(words, TONES.get(words, ""))
