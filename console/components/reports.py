"""What nobody foresaw in a page: logged and reported once, said in a plain sentence.

A part that runs again every two seconds fails again every two seconds: the same
failure within a minute is one report, and the page goes on naming its event.
Streamlit's own ways of ending a run are no Exceptions and pass.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from importlib.metadata import version
from typing import ParamSpec

import streamlit as st

from backend.observability.errors import ErrorReports
from console.clients.failures import SignedOutError
from console.components import states
from console.components.signals import signals

P = ParamSpec("P")


@contextmanager
def caught(part: str) -> Iterator[None]:
    """Show a sentence in place of what the block could not show."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  the last frame of a page: reported and said
        states.note(said_of(error, part), "bad")


@contextmanager
def signed_in() -> Iterator[None]:
    """Begin the page anew, which then shows the way in, where the session has ended meanwhile."""
    try:
        yield
    except SignedOutError:
        st.rerun(scope="app")


def fragment(seconds: float | None = None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Run a part of a page again every so many seconds, or never; what fails stays there."""

    def decorate(part: Callable[P, None]) -> Callable[P, None]:
        @wraps(part)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
            with caught(f"{part.__module__}.{part.__name__}"), signed_in():
                part(*args, **kwargs)

        return st.fragment(run_every=seconds)(guarded)

    return decorate


def said_of(error: Exception, part: str) -> str:
    """Report `error`, and return the sentence to show for it."""
    event = reports().capture_recurring(error, f"A part of the console failed: {part}", route=part)
    words = "Something went wrong here that was not foreseen."
    if event is None:
        return f"{words} The console's log says what."
    return f"{words} It is event {event} in the error tracker and in the console's log."


@lru_cache(1)
def reports() -> ErrorReports:
    """Return the one way by which this process reports what nobody foresaw."""
    return ErrorReports(
        signals().instruments,
        dsn=os.environ.get("PHAROS_SENTRY_DSN"),
        environment=os.environ.get("PHAROS_ENVIRONMENT", "local"),
        release=version("pharos"),
        node="console",
    )
