"""Keeps the last good answer of a source, so that an outage does not empty a page."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

import streamlit as st

from console.clients.failures import RejectedError, SignedOutError, SourceError

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept(Generic[T_co]):
    """The newest good answer with its time, and why there is no newer one (None: it is new)."""

    value: T_co | None
    at: datetime | None
    trouble: str | None = None


def keep(name: str, fetch: Callable[[], T], of: object = None) -> Kept[T]:
    """Fetch now; fall back on this browser tab's last good answer under `name`.

    An answer to another question than `of` is not fallen back on, and not kept.

    Raises:
        SignedOutError: that is not an outage, and the page has to change.
    """
    slot = f"of:{name}"
    if st.session_state.get(slot) != of:
        st.session_state.pop(_slot(name), None)
        st.session_state[slot] = of
    return keep_of(name, lambda _: fetch())


def keep_of(name: str, fetch: Callable[[datetime], T]) -> Kept[T]:
    """Do the same with a fetch that is told which moment to ask about: the answer's `at`."""
    slot, now = _slot(name), datetime.now(UTC)
    try:
        fresh = Kept(fetch(now), now)
    except SignedOutError:
        raise
    except SourceError as error:
        # A question that is refused is its asker's affair; the page tells him why.
        level = logging.INFO if isinstance(error, RejectedError) else logging.WARNING
        log.log(level, "%s could not be refreshed: %s", name, error)
        old: Kept[T] = st.session_state.get(slot, Kept(None, None))
        return Kept(old.value, old.at, str(error))
    st.session_state[slot] = fresh
    return fresh


def _slot(name: str) -> str:
    return f"kept:{name}"
