"""What somebody may press. The control service refuses anyway; this spares them the try."""

import streamlit as st

from console.components.freshness import Kept
from console.components.session import Sources
from console.schemas import Role, State, at_least


def may(sources: Sources, needed: Role) -> bool:
    """Tell whether the person has that role, by the newest state, or else by their session."""
    kept: Kept[State] = st.session_state.get("kept:state", Kept(None, None))
    held = kept.value.role if kept.value else sources.session.role
    return at_least(held, needed)
