"""One alert: what it says, where to look, what to do about it, and who does."""

import re
from datetime import UTC, datetime
from urllib.parse import urlencode

import streamlit as st

from backend.observability.fields import SERVICES
from console.clients.failures import RejectedError, SignedOutError, SourceError
from console.components import markup, runbooks, states
from console.components.freshness import keep
from console.components.markup import Content, Raw
from console.components.numbers import NONE, lasted, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.schemas import Alert, GrafanaDashboard
from console.views import answering

HISTORY = 50
# Labels that name whose log lines to read, the most telling first.
WHOSE = ("component", "instance", "role")
# What a database is to blame for is found in the warnings of those who asked it.
WRITES_LINES = re.compile(rf"{'|'.join(SERVICES)}|api-\d+")


def show(sources: Sources, name: str, fingerprint: str | None) -> None:
    """Show the alert of this name, or the one of several that the fingerprint names."""
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _alert(sources, name, fingerprint)
    with right:
        _runbook(sources, name)


@fragment(2)
def _alert(sources: Sources, name: str, fingerprint: str | None) -> None:
    active = keep("active", sources.control.active)
    past = keep("alerts", lambda: sources.control.delivered(HISTORY))
    grafana = keep("grafana", sources.control.dashboards)
    known = [*(active.value.alerts if active.value else []), *(past.value or [])]
    alert = _choose(known, name, fingerprint)
    back = Raw('<a href="/alerts" target="_self">Close</a>')
    st.html(markup.section(name, back))
    if alert is None:
        lately = "does not fire, and has not lately"
        words = "cannot be told of now" if active.value is None else lately
        states.empty(f"{name} {words}.")
        return
    _tell(alert, grafana.value or [])
    answering.show(sources, alert)


def _choose(known: list[Alert], name: str, fingerprint: str | None) -> Alert | None:
    """Return the alert that is meant; one that is active goes before one that has ended."""
    named = [alert for alert in known if alert.name == name]
    exact = [alert for alert in named if alert.fingerprint == fingerprint]
    return next(iter(exact or named), None)


def _tell(alert: Alert, grafana: list[GrafanaDashboard]) -> None:
    st.html(
        f'<div class="ph-panel" data-alert="{markup.safe(alert.name)}" '
        f'data-status="{alert.status}"><h3>{markup.safe(alert.summary or alert.name)}</h3>'
        f"<p>{markup.safe(alert.description)}</p>"
        f'<p class="ph-links">{_links(alert, grafana)}</p>{markup.facts(_facts(alert))}</div>'
    )


def _links(alert: Alert, grafana: list[GrafanaDashboard]) -> str:
    places = [
        markup.place("Console page", alert.console_url, own=True),
        _dashboard(alert.dashboard_url, grafana),
        markup.place("Logs", _logs(alert), own=True),
        markup.place("Drills", f"/chaos?{urlencode({'find': alert.name})}", own=True),
    ]
    return " ".join(each for each in places if each)


def _dashboard(url: str | None, grafana: list[GrafanaDashboard]) -> str:
    """Return Grafana's own page where a Grafana has it, else ours of the same dashboard."""
    uid = (url or "").removeprefix("/d/").partition("/")[0]
    if url is None or not url.startswith("/d/"):
        return markup.place("Dashboard", url)
    theirs = next((each.url for each in grafana if each.uid == uid), None)
    if theirs:
        return markup.place("Dashboard in Grafana", theirs)
    return markup.place("Dashboard", f"/dashboards?{urlencode({'dashboard': uid})}", own=True)


def _logs(alert: Alert) -> str:
    named = [alert.labels[label] for label in WHOSE if label in alert.labels]
    whose = next((name for name in named if WRITES_LINES.fullmatch(name)), None)
    query = {"component": whose} if whose else {"level": "warning"}
    return f"/logs?{urlencode({**query, 'since': '1h'})}"


def _facts(alert: Alert) -> list[tuple[str, Content]]:
    end = alert.ends_at or datetime.now(UTC)
    length = lasted((end - alert.starts_at).total_seconds())
    word = "for" if alert.ends_at is None else "lasted"
    said = alert.acknowledged
    facts: list[tuple[str, Content]] = [
        ("State", alert.status),
        ("Since", f"{moment(alert.starts_at, zone())} ({word} {length})"),
        ("Value", NONE if alert.value is None else f"{alert.value:,.6g}"),
        ("Labels", _labels(alert)),
    ]
    if said:
        until = moment(said.until, zone())
        facts.append(("Acknowledged", f"by {said.actor} until {until}: {said.reason}"))
    if alert.silenced_by:
        facts.append(("Silenced", "nobody is told of it: see Silences below"))
    if alert.inhibited:
        facts.append(("Held back", "its cause, or its page, fires and is told instead"))
    if alert.drill:
        run = markup.place(alert.drill, f"/chaos?{urlencode({'run': alert.drill})}", own=True)
        facts.append(("Drill", Raw(f"began while {run} ran")))
    return facts


def _labels(alert: Alert) -> Raw:
    shown = "".join(
        f'<span class="ph-mono">{markup.safe(f"{name}={value}")}</span>'
        for name, value in sorted(alert.labels.items())
    )
    return Raw(f'<span class="ph-labels">{shown}</span>')


def _runbook(sources: Sources, name: str) -> None:
    st.html(markup.section("Runbook", Raw(f'<span class="ph-mono">{markup.safe(name)}.md</span>')))
    try:
        page = sources.control.runbook(name)
    except SignedOutError:
        raise
    except RejectedError as error:
        states.empty(str(error))
        return
    except SourceError as error:
        states.note(f"The runbook cannot be read now. {error}", "warn")
        return
    runbooks.show(page.text, sources.prometheus)
