"""The ledger: for each alert rule, when a drill last made it fire, be delivered, and resolve."""

from collections import Counter
from collections.abc import Sequence
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
from console.ledger_schemas import LedgerRow, Standing
from console.schemas import Experiment
from console.views import catalogue, past_drills

COLUMNS = (
    Column("Alert"),
    Column("Severity"),
    Column("Standing"),
    Column("Last proven"),
    Column("How"),
    Column("Fires", figures=True),
    Column("Delivered", figures=True),
    Column("Resolves", figures=True),
    Column("Drill", prose=True),
)
# What wants a drill stands on top; what none can prove is nobody's work.
ORDER: tuple[Standing, ...] = ("never proven", "changed", "expired", "proven")
TONES: dict[Standing, Tone] = {
    "never proven": "bad",
    "changed": "warn",
    "expired": "warn",
    "proven": "good",
}
TOLD = (
    "Seconds from the fault to the firing and to the delivery, and from the fault's end to the "
    "resolution. A proof lasts 30 days; a rule that was changed has lost it."
)


@fragment(30)
def show(sources: Sources) -> None:
    """Show every rule, those that want a drill first."""
    kept = keep("ledger", sources.control.ledger)
    st.html(markup.section("Ledger", _counted(kept.value or []), TOLD))
    states.trouble(kept)
    if kept.value is None:
        return
    if not kept.value:
        states.empty("Prometheus has loaded no alert rule.")
        return
    known = catalogue.known(sources).value or []
    tables.show("ledger", COLUMNS, [_row(each, known) for each in in_order(kept.value)])


def in_order(rows: Sequence[LedgerRow]) -> list[LedgerRow]:
    """Return them by what is to be done: never, changed, expired, unprovable, then the oldest."""
    return sorted(rows, key=_urgency)


def _urgency(row: LedgerRow) -> tuple[int, float]:
    place = 2 * ORDER.index(row.state)
    # Between what has expired and what is proven.
    if row.unprovable and row.proof is None:
        place = 2 * ORDER.index("proven") - 1
    return place, row.proof.at.timestamp() if row.proof else 0.0


def _counted(rows: Sequence[LedgerRow]) -> str:
    count = Counter("not provable" if _excused(row) else row.state for row in rows)
    return ", ".join(f"{number} {state}" for state, number in count.most_common())


def _excused(row: LedgerRow) -> bool:
    return bool(row.unprovable) and row.proof is None


def _row(row: LedgerRow, known: Sequence[Experiment]) -> list[Content]:
    proof = row.proof
    standing = markup.state("not provable") if _excused(row) else _standing(row)
    return [
        Raw(markup.place(row.alert, f"/alerts?{urlencode({'alert': row.alert})}", own=True)),
        row.severity,
        standing,
        Raw(past_drills.link(proof.run, moment(proof.at, zone()))) if proof else NONE,
        proof.how if proof else NONE,
        lasted(proof.fires_seconds) if proof else NONE,
        lasted(proof.delivered_seconds) if proof else NONE,
        lasted(proof.resolved_seconds) if proof else NONE,
        row.unprovable or _drills(row, known),
    ]


def _standing(row: LedgerRow) -> Raw:
    return markup.state(row.state, TONES[row.state])


def _drills(row: LedgerRow, known: Sequence[Experiment]) -> Content:
    """Return the experiments that expect it."""
    names = [each.name for each in known if row.alert in each.proves]
    return Raw(", ".join(catalogue.link(name, name) for name in names)) if names else NONE
