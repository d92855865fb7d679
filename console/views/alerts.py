"""The Alerts page: what fires and what is about to, the one that is looked at, and what was."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import streamlit as st

from console.components import markup, states, tables
from console.components.freshness import keep
from console.components.markup import Content, Raw, Tone
from console.components.numbers import NONE, lasted, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from console.schemas import Alert
from console.views import alert as chosen
from console.views import silences

MOST, HISTORY = 100, 50
SEVERITIES: dict[str, Tone] = {"page": "bad", "ticket": "warn"}
STATES: dict[str, Tone] = {"firing": "bad", "pending": "warn", "resolved": "good"}

COLUMNS = (
    Column("Severity"),
    Column("Alert"),
    Column("State"),
    Column("Summary", prose=True),
    Column("Value", figures=True),
    Column("Since"),
    Column("Team"),
    Column("Acknowledged"),
)
PAST = (
    Column("Alert"),
    Column("Severity"),
    Column("State"),
    Column("Began"),
    Column("Lasted", figures=True),
    Column("Summary", prose=True),
)


def show(sources: Sources) -> None:
    """Show the page; `?alert=NAME`, and `&fingerprint=` for one of several, chooses an alert."""
    name = st.query_params.get("alert")
    _active(sources)
    if name:
        chosen.show(sources, name, st.query_params.get("fingerprint"))
    silences.show(sources)
    _history(sources)


@fragment(2)
def _active(sources: Sources) -> None:
    kept = keep("active", sources.control.active)
    found = kept.value.alerts if kept.value else []
    st.html(markup.section("Now", states.since(kept, _counts(found))))
    states.trouble(kept)
    for trouble in kept.value.troubles if kept.value else []:
        states.note(trouble, "warn")
    if found:
        now = datetime.now(UTC)
        tables.show("alerts", COLUMNS, [_row(each, now) for each in found[:MOST]])
    elif kept.value is not None and not kept.value.troubles:
        states.empty(
            "Nothing fires, and nothing is about to. The watchdog says that alerting works."
        )
    if len(found) > MOST:
        states.note(f"{len(found) - MOST} more are not shown: the most urgent come first.")


def _counts(alerts: list[Alert]) -> str:
    firing = sum(alert.status == "firing" for alert in alerts)
    return f"{firing} firing, {len(alerts) - firing} pending" if alerts else ""


def _row(alert: Alert, now: datetime) -> list[Content]:
    said = alert.acknowledged
    return [
        markup.state(alert.severity, SEVERITIES.get(alert.severity, "")),
        link(alert),
        Raw(f"{markup.state(alert.status, STATES[alert.status]).html}{_held(alert)}"),
        alert.summary,
        NONE if alert.value is None else f"{alert.value:,.6g}",
        f"{moment(alert.starts_at, zone())} ({lasted((now - alert.starts_at).total_seconds())})",
        alert.labels.get("team", NONE),
        f"{said.actor}, until {moment(said.until, zone())}" if said else NONE,
    ]


def _held(alert: Alert) -> str:
    """Return why nobody is told of an alert, or that it belongs to a drill."""
    words = [
        "silenced" if alert.silenced_by else "",
        "behind its cause" if alert.inhibited else "",
        f"drill {alert.drill}" if alert.drill else "",
    ]
    return "".join(f' <span class="ph-muted">{markup.safe(each)}</span>' for each in words if each)


def link(alert: Alert) -> Raw:
    """Return the alert's name as a link to where it is looked at."""
    query = urlencode({"alert": alert.name, "fingerprint": alert.fingerprint})
    return Raw(markup.place(alert.name, f"/alerts?{query}", own=True))


@fragment(5)
def _history(sources: Sources) -> None:
    kept = keep("alerts", lambda: sources.control.delivered(HISTORY))
    st.html(markup.section("History", states.since(kept)))
    states.trouble(kept)
    if kept.value:
        now = datetime.now(UTC)
        tables.show("alert-history", PAST, [_past(each, now) for each in kept.value])
    elif kept.value == []:
        states.empty("No alert was delivered yet. Each will be kept here, with how long it lasted.")


def _past(alert: Alert, now: datetime) -> list[Content]:
    ended = alert.ends_at or now
    return [
        link(alert),
        markup.state(alert.severity, SEVERITIES.get(alert.severity, "")),
        Raw(f"{markup.state(alert.status, STATES[alert.status]).html}{_held(alert)}"),
        moment(alert.starts_at, zone()),
        lasted((ended - alert.starts_at).total_seconds()),
        alert.summary,
    ]
