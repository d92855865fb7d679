"""The faults that are injected now, wherever they are, with what is left of their leases."""

import streamlit as st

from backend.schemas.faults import State as FaultState
from console.components import markup, states, tables
from console.components.freshness import Kept, keep
from console.components.markup import Content, Raw, Tone
from console.components.reports import fragment
from console.components.session import Sources
from console.components.tables import Column
from deploy.faults.inventory import HeldFault, Inventory

COLUMNS = (
    Column("Fault"),
    Column("Held by"),
    Column("State"),
    Column("Lease"),
    Column("Now", prose=True),
)
TONES: dict[FaultState, Tone] = {
    FaultState.ACTIVE: "bad",
    FaultState.REVERTING: "warn",
    FaultState.STUCK: "bad",
}


@fragment(2)
def show_any(sources: Sources) -> None:
    """Show what is injected, whoever made it; nothing at all where nothing is."""
    kept = read(sources)
    found = kept.value
    if found is not None and (found.faults or found.residue or found.unknown):
        show(kept)


def read(sources: Sources) -> Kept[Inventory]:
    """Return what is injected now."""
    return keep("faults", sources.control.faults)


def show(kept: Kept[Inventory]) -> None:
    """Show each fault with its lease, what no lease holds, and who did not answer."""
    st.html(markup.section("Active faults", states.since(kept, "each ends with its lease")))
    states.trouble(kept)
    found = kept.value
    if found is None:
        return
    if found.faults:
        tables.show("faults", COLUMNS, [_row(each) for each in found.faults])
    for words in found.residue:
        states.note(f"Left behind, and no lease holds it: {words}", "bad")
    for words in found.unknown:
        states.note(f"Not known: {words}", "warn")
    if not (found.faults or found.residue or found.unknown):
        states.empty("Nothing is injected.")


def _row(fault: HeldFault) -> list[Content]:
    return [
        f"{fault.kind} at {fault.target or fault.place}",
        fault.place,
        markup.state(fault.state, TONES[fault.state]),
        _lease(fault),
        fault.detail,
    ]


def _lease(fault: HeldFault) -> Raw:
    left = max(fault.expires_in_seconds, 0.0)
    share = min(100 * left / fault.lease_seconds, 100)
    return Raw(
        f'<span class="ph-n" data-lease="{markup.safe(fault.id)}">{left:.0f} of '
        f'{fault.lease_seconds:g} s left</span><div class="ph-bar">'
        f'<i style="width:{share:.0f}%"></i></div>'
    )
