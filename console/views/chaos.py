"""The Chaos page: a drill, an experiment, or what there is: experiments, drills, proofs."""

from collections.abc import Callable

import streamlit as st

from console.components.session import Sources
from console.views import (
    catalogue,
    drill,
    experiment,
    game_days,
    leases,
    ledger,
    past_drills,
    schedules,
)

VIEWS: dict[str, Callable[[Sources], None]] = {
    "Experiments": catalogue.show,
    "Drills": past_drills.show,
    "Game days": game_days.show,
    "Ledger": ledger.show,
    "Schedules": schedules.show,
}
FIRST = next(iter(VIEWS))


def show(sources: Sources) -> None:
    """Show the page; `?run=` chooses a drill, `?experiment=` an experiment, `?view=` the rest."""
    asked = st.query_params
    if run := asked.get("run"):
        drill.show(sources, run)
        return
    if name := asked.get("experiment"):
        experiment.show(sources, name)
        return
    leases.show_any(sources)
    VIEWS[_chosen()](sources)


def _chosen() -> str:
    """Return the view that is chosen, which is part of the page's address."""
    asked = st.query_params.get("view", "").capitalize()
    chosen = st.segmented_control(
        "View",
        list(VIEWS),
        default=asked if asked in VIEWS else FIRST,
        required=True,
        label_visibility="collapsed",
        key="chaos-view",
    )
    view = chosen or FIRST
    if view.lower() != st.query_params.get("view", FIRST.lower()):
        st.query_params["view"] = view.lower()
    return view
