"""What somebody sees who is not signed in: why, and the way in."""

import streamlit as st

from console.components import states
from console.components.markup import Raw
from console.components.session import NOT_YET, Stranger

LINK = Raw(
    "On the machine that runs the stack, <code>./pharos open</code> signs this browser in once, "
    "without a password."
)


def show(stranger: Stranger) -> None:
    """Show the reason and the button that leads to the control service's sign-in form."""
    with (
        st.container(horizontal_alignment="center"),
        st.container(key="form-sign-in", width=520),
    ):
        st.html('<h1 class="ph-title">Sign in to Pharos</h1>')
        states.note(stranger.reason, "" if stranger.reason == NOT_YET else "warn")
        st.html(f'<p class="ph-muted">{LINK.html}</p>')
        st.link_button("Sign in", stranger.sign_in, type="primary", key="sign-in")
