"""The Load page's events: outbox, queues, and what relay and worker do with messages."""

from datetime import datetime

import streamlit as st

from console.clients import queries, readings
from console.clients.queries import Query
from console.clients.readings import Figures, Grouped
from console.components import cards, markup, numbers, states, tables
from console.components.cards import Figure
from console.components.freshness import keep_of
from console.components.markup import Content
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column

NOT_KNOWN = "Not known while Prometheus does not answer."

QUEUES = Figure(queries.QUEUES, "Messages", "", numbers.whole)
OUTCOMES = {
    "Relay": Figure(queries.PUBLISHED, "Messages", "/s", numbers.per_second),
    "Worker": Figure(queries.CONSUMED, "Messages", "/s", numbers.per_second),
}


@fragment(2)
def show(sources: Sources) -> None:
    """Show the events' way; it refreshes itself."""
    kept = keep_of("pipeline", lambda at: _read_figures(sources, at))
    note = states.since(kept, "from the outbox over the broker to the read model")
    st.html(markup.section("Events", note))
    if kept.value is not None:
        cards.show(cards.PIPELINE, kept.value, kept.at)
    left, right = st.columns(2, gap="small")
    with left:
        _queues(sources)
    with right:
        _outcomes(sources)


def _queues(sources: Sources) -> None:
    kept = keep_of("queues", lambda at: _read_by(sources, "queue", at, queries.QUEUES))
    if not kept.value:
        nothing = "RabbitMQ has no queue yet, or has not been scraped."
        states.empty(NOT_KNOWN if kept.value is None else nothing)
        return
    rows: list[list[Content]] = [
        [queue, QUEUES.reading(values.get(QUEUES.query.name), queue)]
        for queue, values in sorted(kept.value.items())
    ]
    tables.show("queues", (Column("Queue"), Column("Messages", figures=True)), rows, kept.at)


def _outcomes(sources: Sources) -> None:
    wanted = (queries.PUBLISHED, queries.CONSUMED)
    kept = keep_of("outcomes", lambda at: _read_by(sources, "outcome", at, *wanted))
    if not kept.value:
        nothing = "Neither relay nor worker has been scraped yet."
        states.empty(NOT_KNOWN if kept.value is None else nothing)
        return
    rows: list[list[Content]] = [
        [who, outcome, figure.reading(values.get(figure.query.name), outcome)]
        for who, figure in OUTCOMES.items()
        for outcome, values in sorted(kept.value.items())
        if figure.query.name in values
    ]
    columns = (Column("Process"), Column("Outcome"), Column("Messages", "/s", figures=True))
    tables.show("outcomes", columns, rows, kept.at)


def _read_figures(sources: Sources, at: datetime) -> Figures:
    return readings.figures(sources.prometheus, readings.PIPELINE, at)


def _read_by(sources: Sources, label: str, at: datetime, *wanted: Query) -> Grouped:
    return readings.grouped(sources.prometheus, wanted, label, at)
