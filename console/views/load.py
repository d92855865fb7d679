"""The Load page: what the product is asked, how it answers, and what waits behind it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import streamlit as st

from console.clients import queries, readings
from console.clients.failures import SignedOutError
from console.clients.queries import QUERIES
from console.clients.readings import Figures, Window
from console.components import cards, charts, markup, numbers, states, tables
from console.components.cards import Figure
from console.components.charts import Chart
from console.components.freshness import Kept, keep
from console.components.markup import Content, Raw
from console.components.numbers import moment
from console.components.place import zone
from console.components.session import Sources
from console.components.tables import Column
from console.schemas import Alert

# What is chosen → (seconds, seconds between two points).
WINDOWS = {"5 min": (300, 5), "15 min": (900, 5), "1 h": (3600, 20)}
TREND = (300, 10)

NO_REQUESTS = Raw(
    "No requests in the last 30 seconds. "
    "<code>./pharos load --rate 50 --duration 60</code> makes some."
)
NO_FIGURES = Raw(
    "Prometheus has no figures of this stack yet. It scrapes every two seconds; "
    "<code>./pharos status</code> tells whether the replicas run."
)

BY_REPLICA = (
    Figure(queries.REPLICA_REQUESTS, "Requests", "/s", numbers.per_second),
    Figure(queries.REPLICA_ERRORS, "Errors", "/s", numbers.per_second),
    Figure(queries.REPLICA_P50, "p50", "ms", numbers.milliseconds),
    Figure(queries.REPLICA_P95, "p95", "ms", numbers.milliseconds),
    Figure(queries.REPLICA_P99, "p99", "ms", numbers.milliseconds),
    Figure(queries.REPLICA_IN_FLIGHT, "In flight", "", numbers.whole),
    Figure(queries.REPLICA_CPU, "CPU", "% of a core", numbers.core_percent),
    Figure(queries.REPLICA_MEMORY, "Memory", "MiB", numbers.mebibytes),
    Figure(queries.REPLICA_LOOP_LAG, "Loop lag p99", "ms", numbers.milliseconds),
)
QUEUES = Figure(queries.QUEUES, "Messages", "", numbers.whole)
OUTCOMES = {
    "Relay": Figure(queries.PUBLISHED, "Messages", "/s", numbers.per_second),
    "Worker": Figure(queries.CONSUMED, "Messages", "/s", numbers.per_second),
}

STATUS_CHART = Chart("status", "Requests by status class", "/s", stacked=True)
LATENCY_CHART = Chart("latency", "Latency", "ms", factor=1000)
CPU_CHART = Chart("cpu", "CPU by replica", "% of a core", factor=100)
MEMORY_CHART = Chart("memory", "Memory by replica", "MiB", factor=1 / numbers.MEBIBYTE)


def show(sources: Sources) -> None:
    """Show the page; each part refreshes by itself."""
    _totals(sources)
    _firing(sources)
    _curves(sources)
    _replicas(sources)
    _pipeline(sources)
    _asked()


@st.fragment(run_every=2)
def _totals(sources: Sources) -> None:
    kept = keep("totals", lambda: _read_totals(sources))
    states.trouble(kept, "Scaling and drills still work.")
    if kept.value is None:
        return
    figures, trends = kept.value
    cards.show(cards.TOTALS, figures, trends)
    if not figures[queries.REQUESTS.name]:
        states.empty(NO_REQUESTS)


def _read_totals(sources: Sources) -> tuple[Figures, Mapping[str, list[float | None]]]:
    now = datetime.now(UTC)
    length, step = TREND
    window = Window.until(now, timedelta(seconds=length), step)
    figures = readings.figures(sources.prometheus, readings.TOTALS, now)
    trends = {
        query.name: readings.trend(sources.prometheus, query, window) for query in readings.TOTALS
    }
    return figures, trends


@st.fragment(run_every=2)
def _firing(sources: Sources) -> None:
    try:
        kept = keep("firing", sources.control.firing)
    except SignedOutError:
        st.rerun(scope="app")
    states.trouble(kept, "The figures from Prometheus go on." if kept.value is None else "")
    if kept.value:
        st.html(markup.section("Firing"))
        tables.show(
            "firing",
            (Column("Alert"), Column("Severity"), Column("Since"), Column("What", prose=True)),
            [_alert(alert) for alert in kept.value],
        )


def _alert(alert: Alert) -> list[Content]:
    tone: markup.Tone = "bad" if alert.severity == "page" else "warn"
    name = markup.state(alert.name, tone)
    return [name, alert.severity, moment(alert.starts_at, zone()), alert.summary]


@st.fragment(run_every=4)
def _curves(sources: Sources) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.html(markup.section("Over time"), width="content")
        chosen = st.segmented_control(
            "Window",
            list(WINDOWS),
            default="15 min",
            required=True,
            key="window",
            label_visibility="collapsed",
        )
    length, step = WINDOWS[chosen or "15 min"]
    kept = keep(f"curves-{chosen}", lambda: _read_curves(sources, length, step))
    states.trouble(kept)
    if kept.value is None:
        return
    window, status, latency, cpu, memory = kept.value
    left, right = st.columns(2, gap="small")
    with left:
        charts.show(STATUS_CHART, status, window, charts.STATUS)
        charts.show(CPU_CHART, cpu, window)
    with right:
        charts.show(LATENCY_CHART, latency, window, charts.QUANTILES)
        charts.show(MEMORY_CHART, memory, window)


Curves = dict[str, list[float | None]]


def _read_curves(
    sources: Sources, length: int, step: int
) -> tuple[Window, Curves, Curves, Curves, Curves]:
    window = Window.until(datetime.now(UTC), timedelta(seconds=length), step)
    quantiles = {"p50": queries.P50, "p95": queries.P95, "p99": queries.P99}
    latency = {
        name: readings.trend(sources.prometheus, query, window) for name, query in quantiles.items()
    }
    status = readings.curves(sources.prometheus, queries.STATUS_CLASSES, window, "class")
    cpu = readings.curves(sources.prometheus, queries.REPLICA_CPU, window, "instance")
    memory = readings.curves(sources.prometheus, queries.REPLICA_MEMORY, window, "instance")
    return window, status, {name: found for name, found in latency.items() if found}, cpu, memory


@st.fragment(run_every=2)
def _replicas(sources: Sources) -> None:
    st.html(markup.section("By replica", "rates and quantiles over the last 30 seconds"))
    kept = keep("by-replica", lambda: _read_by(sources, "instance", *readings.BY_REPLICA))
    states.trouble(kept)
    if kept.value is None:
        return
    if not kept.value:
        states.empty(NO_FIGURES)
        return
    columns = [Column("Replica")]
    columns += [Column(each.label, each.unit, figures=True) for each in BY_REPLICA]
    rows: list[list[Content]] = [
        [replica, *(each.reading(values.get(each.query.name), replica) for each in BY_REPLICA)]
        for replica, values in sorted(kept.value.items(), key=lambda item: charts.natural(item[0]))
    ]
    tables.show("by-replica", columns, rows)


Grouped = dict[str, dict[str, float | None]]


def _read_by(sources: Sources, label: str, *wanted: queries.Query) -> Grouped:
    return readings.grouped(sources.prometheus, wanted, label, datetime.now(UTC))


@st.fragment(run_every=2)
def _pipeline(sources: Sources) -> None:
    st.html(markup.section("Events", "from the outbox over the broker to the read model"))
    now = datetime.now(UTC)
    kept = keep("pipeline", lambda: readings.figures(sources.prometheus, readings.PIPELINE, now))
    states.trouble(kept)
    if kept.value is not None:
        cards.show(cards.PIPELINE, kept.value)
    left, right = st.columns(2, gap="small")
    with left:
        _grouped(
            "queues",
            "Queue",
            QUEUES,
            keep("queues", lambda: _read_by(sources, "queue", queries.QUEUES)),
        )
    with right:
        _outcomes(sources)


def _grouped(name: str, title: str, figure: Figure, kept: Kept[Grouped]) -> None:
    if not kept.value:
        states.empty("No queue is known to Prometheus: RabbitMQ has not been scraped yet.")
        return
    rows: list[list[Content]] = [
        [of, figure.reading(values.get(figure.query.name), of)]
        for of, values in sorted(kept.value.items())
    ]
    tables.show(name, (Column(title), Column(figure.label, figure.unit, figures=True)), rows)


def _outcomes(sources: Sources) -> None:
    kept = keep("outcomes", lambda: _read_outcomes(sources))
    if not kept.value:
        states.empty("Neither relay nor worker has handled a message yet.")
        return
    rows: list[list[Content]] = [
        [who, outcome, figure.reading(values.get(figure.query.name), outcome)]
        for who, figure in OUTCOMES.items()
        for outcome, values in sorted(kept.value.items())
        if figure.query.name in values
    ]
    columns = (Column("Process"), Column("Outcome"), Column("Messages", "/s", figures=True))
    tables.show("outcomes", columns, rows)


def _read_outcomes(sources: Sources) -> Grouped:
    return _read_by(sources, "outcome", queries.PUBLISHED, queries.CONSUMED)


def _asked() -> None:
    with st.expander("Queries behind these numbers"):
        rows: list[list[Content]] = [
            [query.name, Raw(f'<span class="ph-mono">{markup.safe(query.promql)}</span>')]
            for query in QUERIES
        ]
        tables.show("queries", (Column("Figure"), Column("PromQL", prose=True)), rows)
