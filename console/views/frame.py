"""What every page has around it: the style, the gate, the header, and the last catch."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from console.components import header, session
from console.components.reports import caught, signed_in
from console.components.session import Sources, Stranger
from console.components.signals import signals
from console.views import sign_in

STYLE = Path(__file__).parent.parent / "components" / "console.css"


def framed(title: str, body: Callable[[Sources], None]) -> Callable[[], None]:
    """Return the page of `body` for st.navigation."""

    def page() -> None:
        st.html(STYLE)
        with caught(f"the page {title}"), signals().run(title), signed_in():
            visitor = session.enter()
            if isinstance(visitor, Stranger):
                sign_in.show(visitor)
                return
            header.show(title, visitor)
            body(visitor)

    page.__name__ = title.lower()
    return page
