"""Figures as cards: a label, a number with its unit, a small curve of the last minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

import streamlit as st

from console.clients import queries
from console.clients.queries import Query
from console.clients.readings import Figures
from console.components import markup, numbers
from console.components.numbers import Writer


@dataclass(frozen=True, slots=True)
class Figure:
    """How one query is shown wherever it is shown."""

    query: Query
    label: str
    unit: str
    write: Writer

    def reading(self, value: float | None, of: str = "") -> markup.Raw:
        return markup.Raw(markup.reading(self.query, value, self.write(value), of))


REQUESTS = Figure(queries.REQUESTS, "Requests", "/s", numbers.per_second)
ERROR_RATIO = Figure(queries.ERROR_RATIO, "Error ratio", "%", numbers.percent)
P50 = Figure(queries.P50, "p50 latency", "ms", numbers.milliseconds)
P95 = Figure(queries.P95, "p95 latency", "ms", numbers.milliseconds)
P99 = Figure(queries.P99, "p99 latency", "ms", numbers.milliseconds)
IN_FLIGHT = Figure(queries.IN_FLIGHT, "In flight", "requests", numbers.whole)
TOTALS = (REQUESTS, ERROR_RATIO, P50, P95, P99, IN_FLIGHT)

OUTBOX_ROWS = Figure(queries.OUTBOX_ROWS, "Outbox depth", "rows", numbers.whole)
OUTBOX_OLDEST = Figure(queries.OUTBOX_OLDEST, "Oldest in outbox", "s", numbers.seconds)
QUEUED = Figure(queries.QUEUED, "In queues", "messages", numbers.whole)
DEAD_LETTERS = Figure(queries.DEAD_LETTERS, "Dead letters", "messages", numbers.whole)
FRESHNESS = Figure(queries.FRESHNESS, "Accepted to readable, p99", "ms", numbers.milliseconds)
PIPELINE = (OUTBOX_ROWS, OUTBOX_OLDEST, QUEUED, DEAD_LETTERS, FRESHNESS)


def show(
    figures: Sequence[Figure],
    values: Figures,
    at: datetime | None,
    trends: Mapping[str, Sequence[float | None]] | None = None,
) -> None:
    """Show a row of cards with what Prometheus answered for the moment `at`."""
    cards = "".join(_card(figure, values.get(figure.query.name), trends) for figure in figures)
    st.html(f'<div class="ph-cards"{markup.asked_at(at)}>{cards}</div>')


def _card(
    figure: Figure, value: float | None, trends: Mapping[str, Sequence[float | None]] | None
) -> str:
    curve = "" if trends is None else markup.trend(trends.get(figure.query.name, ()))
    return (
        f'<div class="ph-card" title="{escape(figure.query.promql)}">'
        f'<div class="ph-label">{escape(figure.label)}</div>'
        f'<div class="ph-value">{figure.reading(value).html}'
        f'<span class="ph-unit">{escape(figure.unit)}</span></div>{curve}</div>'
    )
