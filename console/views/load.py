"""The Load page: what the product is asked, how it answers, and what waits behind it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

import streamlit as st

from console.clients import queries, readings
from console.clients.queries import QUERIES
from console.clients.readings import Figures, Grouped, Window
from console.components import cards, charts, markup, numbers, states, tables
from console.components.cards import Figure
from console.components.freshness import keep, keep_of
from console.components.markup import Content, Raw
from console.components.numbers import moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from console.schemas import Alert
from console.views import over_time, pipeline

TREND = (300, 10)

NO_REQUESTS = Raw(
    "No requests in the last 30 seconds. "
    "<code>./pharos load --rate 50 --duration 60</code> makes some."
)
NO_FIGURES = Raw(
    "Prometheus has no figures of this stack yet. It scrapes every two seconds; "
    "<code>./pharos status</code> tells whether the replicas run."
)

FIRING = (
    Column("Alert"),
    Column("Severity"),
    Column("Since"),
    Column("What", prose=True),
    Column("Where to look"),
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


def show(sources: Sources) -> None:
    """Show the page; each part refreshes by itself."""
    _totals(sources)
    _firing(sources)
    over_time.show(sources)
    _replicas(sources)
    pipeline.show(sources)
    _asked()


@fragment(2)
def _totals(sources: Sources) -> None:
    kept = keep_of("totals", lambda at: _read_totals(sources, at))
    states.trouble(kept, "A drill that starts now cannot measure its steady state.")
    if kept.value is None:
        return
    figures, trends = kept.value
    cards.show(cards.TOTALS, figures, kept.at, trends)
    if not figures[queries.REQUESTS.name]:
        states.empty(NO_REQUESTS)


def _read_totals(
    sources: Sources, now: datetime
) -> tuple[Figures, Mapping[str, list[float | None]]]:
    length, step = TREND
    window = Window.until(now, timedelta(seconds=length), step)
    figures = readings.figures(sources.prometheus, readings.TOTALS, now)
    trends = {
        query.name: readings.trend(sources.prometheus, query, window) for query in readings.TOTALS
    }
    return figures, trends


@fragment(2)
def _firing(sources: Sources) -> None:
    kept = keep("firing", sources.control.firing)
    states.trouble(kept, "What fires is not known." if kept.value is None else "")
    if kept.value:
        st.html(markup.section("Firing"))
        tables.show(
            "firing",
            FIRING,
            [_alert(alert) for alert in kept.value],
        )


def _alert(alert: Alert) -> list[Content]:
    tone: markup.Tone = "bad" if alert.severity == "page" else "warn"
    name = markup.state(alert.name, tone)
    since = moment(alert.starts_at, zone())
    return [name, alert.severity, since, _what(alert), _where(alert)]


def _what(alert: Alert) -> Raw:
    more = "" if alert.description == alert.summary else alert.description
    told = f'<br><span class="ph-muted">{markup.safe(more)}</span>' if more else ""
    return Raw(markup.safe(alert.summary) + told)


def _where(alert: Alert) -> Raw:
    """Return where to go on; a dashboard of Grafana's is one of the console's as well."""
    address = alert.console_url or ""
    own = address.partition("?")[0].strip("/").capitalize() if address.startswith("/") else ""
    page = markup.place(own or "Console", address, own=True)
    places = (page, _dashboard(alert), _runbook(alert))
    return Raw("<br>".join(place for place in places if place))


def _dashboard(alert: Alert) -> str:
    address = alert.dashboard_url or ""
    if uid := address.partition("/d/")[2] if address.startswith("/d/") else "":
        return markup.place("Dashboard", f"/dashboards?{urlencode({'dashboard': uid})}", own=True)
    return markup.place("Dashboard", address)


def _runbook(alert: Alert) -> str:
    """Return the runbook's link; a file of ours is read beside its alert."""
    if not alert.runbook_url:
        return ""
    beside = f"/alerts?{urlencode({'alert': alert.name})}"
    return markup.place("Runbook", alert.runbook_url) or markup.place("Runbook", beside, own=True)


@fragment(2)
def _replicas(sources: Sources) -> None:
    kept = keep_of("by-replica", lambda at: _read_replicas(sources, at))
    note = states.since(kept, "rates and quantiles over the last 30 seconds")
    st.html(markup.section("By replica", note))
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
    tables.show("by-replica", columns, rows, kept.at)


def _read_replicas(sources: Sources, now: datetime) -> Grouped:
    return readings.grouped(sources.prometheus, readings.BY_REPLICA, "instance", now)


def _asked() -> None:
    with st.expander("Queries behind these numbers"):
        rows: list[list[Content]] = [
            [query.name, Raw(f'<span class="ph-mono">{markup.safe(query.promql)}</span>')]
            for query in QUERIES
        ]
        tables.show("queries", (Column("Figure"), Column("PromQL", prose=True)), rows)
