"""The Replicas page: what runs, how many are wanted, and what was changed lately."""

from datetime import UTC, datetime
from textwrap import shorten

import streamlit as st

from console.clients import queries, readings
from console.clients.readings import Grouped
from console.components import charts, markup, numbers, progress, states, tables
from console.components.cards import Figure
from console.components.freshness import Kept, keep, keep_of
from console.components.markup import Content, Raw
from console.components.numbers import NONE, lasted, moment
from console.components.place import zone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from console.schemas import Action, State
from console.views import replica_actions, scaling
from deploy.driver import Replica

# Of a reason in a table's cell: all of it is its tooltip.
WHY = 60
AGENT_AWAY = "What runs now is not known:"

REQUESTS = Figure(queries.REPLICA_REQUESTS, "Requests", "/s", numbers.per_second)
CPU = Figure(queries.REPLICA_CPU, "CPU", "% of a core", numbers.core_percent)
MEMORY = Figure(queries.REPLICA_MEMORY, "Memory", "MiB", numbers.mebibytes)
STARTED = queries.REPLICA_STARTED

COLUMNS = (
    Column("Replica"),
    Column("Role"),
    Column("State"),
    Column("Pid", figures=True),
    Column("Address"),
    Column("Requests", "/s", figures=True),
    Column("CPU", "% of a core", figures=True),
    Column("Memory", "MiB", figures=True),
    Column("Up since"),
)
ACTION_COLUMNS = (
    Column("When"),
    Column("Who"),
    Column("What"),
    Column("State"),
    Column("Progress"),
    Column("Took", figures=True),
    Column("Reason", prose=True),
)
TONES: dict[str, markup.Tone] = {"running": "warn", "done": "good"}


def show(sources: Sources) -> None:
    """Show the page; table and actions refresh by themselves."""
    _table(sources)
    scaling.show(sources)
    replica_actions.show(sources)
    _actions(sources)


@fragment(2)
def _table(sources: Sources) -> None:
    state = keep("state", sources.control.state)
    figures = keep_of("resources", lambda at: _read(sources, at))
    st.html(markup.section("Replicas", _wanted(state)))
    states.trouble(state)
    states.trouble(figures)
    if state.value is not None and state.value.stack is None:
        why = state.value.stack_error or "the node agent does not answer"
        states.note(f"{AGENT_AWAY} {why}.", "warn")
    if state.value is None or state.value.stack is None:
        return
    replicas = sorted(state.value.stack.replicas, key=lambda each: charts.natural(each.id))
    if not replicas:
        states.empty(Raw("No replica runs. <code>./pharos up</code> starts them."))
        return
    now = datetime.now(UTC)
    rows = [_row(each, (figures.value or {}).get(each.id, {}), now) for each in replicas]
    tables.show("replicas", COLUMNS, rows, figures.at)


def _read(sources: Sources, at: datetime) -> Grouped:
    return readings.grouped(sources.prometheus, readings.RESOURCES, "instance", at)


def _wanted(state: Kept[State]) -> str:
    if state.value is None:
        return ""
    wanted = ", ".join(f"{role} {count}" for role, count in sorted(state.value.desired.items()))
    return f"wanted: {wanted}" if wanted else ""


def _row(replica: Replica, figures: dict[str, float | None], now: datetime) -> list[Content]:
    return [
        replica.id,
        replica.role,
        _state(replica, now),
        NONE if replica.pid is None else str(replica.pid),
        Raw(f'<span class="ph-mono">{markup.safe(replica.address or NONE)}</span>'),
        REQUESTS.reading(figures.get(REQUESTS.query.name), replica.id),
        CPU.reading(figures.get(CPU.query.name), replica.id),
        MEMORY.reading(figures.get(MEMORY.query.name), replica.id),
        _since(figures.get(STARTED.name), replica.id, now),
    ]


def _state(replica: Replica, now: datetime) -> Raw:
    """Say whether it serves; of one that is put aside by whom, since when and why."""
    ready = markup.state("ready", "good") if replica.ready else markup.state("not ready", "warn")
    if replica.aside is None:
        return ready
    aside = replica.aside
    word = "quarantined" if aside.kind == "quarantine" else _drained(aside.in_flight)
    since = lasted((now - aside.since).total_seconds())
    why = f"{since}, by {aside.by}: {shorten(aside.reason, WHY, placeholder=' …')}"
    state = markup.state(word if replica.ready else f"{word}, not ready", "warn")
    return Raw(
        f'{state.html}<br><small title="{markup.safe(aside.reason)}">{markup.safe(why)}</small>'
    )


def _drained(in_flight: int | None) -> str:
    """Never call drained what may still be answering somebody."""
    if in_flight is None:
        return "draining, in flight not known"
    return f"draining, {in_flight} in flight" if in_flight else "drained"


def _since(started: float | None, replica_id: str, now: datetime) -> Raw:
    if started is None:
        return Raw(markup.reading(STARTED, None, NONE, replica_id))
    at = datetime.fromtimestamp(started, UTC)
    words = f"{moment(at, zone())} ({lasted((now - at).total_seconds())})"
    return Raw(markup.reading(STARTED, started, words, replica_id))


@fragment(2)
def _actions(sources: Sources) -> None:
    kept = keep("actions", lambda: sources.control.actions(10))
    st.html(markup.section("Recent actions", states.since(kept)))
    if kept.value is None:
        return
    if not kept.value:
        states.empty("Nothing was scaled, restarted or drained yet.")
        return
    tables.show("actions", ACTION_COLUMNS, [_action(each) for each in kept.value])


def _action(action: Action) -> list[Content]:
    ended = action.ended_at or datetime.now(UTC)
    return [
        moment(action.started_at, zone()),
        action.actor,
        progress.title(action),
        markup.state(action.state, TONES.get(action.state, "bad")),
        action.progress,
        lasted((ended - action.started_at).total_seconds()),
        action.reason,
    ]
