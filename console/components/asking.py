"""Forms that ask for a reason and act once, however often and however fast they are clicked.

A button's key carries a number that its first click uses up. A second click
still names the old button, finds the number used, and does nothing.
"""

import logging
from collections.abc import Callable

import streamlit as st
from pydantic import ValidationError

from console.clients.failures import NOTHING_CHANGED, SourceError
from console.components import states
from console.components.reports import said_of

SHORT_REASON = "Give a reason of at least three characters: it goes into the audit log."

Act = Callable[[str], None]

log = logging.getLogger(__name__)


def ask(  # noqa: PLR0913  each is a part of the form
    action: str,
    label: str,
    act: Act,
    *,
    allowed: bool = True,
    more: Callable[[], None] | None = None,
    confirm: str = "",
) -> None:
    """Show a reason and a button; a click calls `act(reason)` before the page runs again.

    `confirm` is the name that must be typed first, for what is dangerous.
    `more` draws further fields of the form; `act` finds them in the session by their keys.
    What `act` raises (ValidationError for a reason that is too short, SourceError)
    is said below the button and stays until the next try.
    """
    number = _count(f"try:{action}")
    reason = f"{action}-reason-{_count(f'done:{action}')}"
    with st.form(f"{action}-form", border=False, enter_to_submit=False):
        st.text_input("Reason", key=reason, max_chars=500, placeholder="For the audit log")
        if more is not None:
            more()
        typed = f"{reason}-confirm-{confirm}"
        if confirm:
            st.text_input(f"Type {confirm} to confirm", key=typed, autocomplete="off")
        st.form_submit_button(
            label,
            type="primary",
            key=f"{action}-{number}",
            disabled=not allowed,
            on_click=_click,
            args=(action, number, reason, act),
            kwargs={"typed": typed, "confirm": confirm},
        )
    said = st.session_state.get(f"said:{action}")
    if said:
        states.note(said, "warn")


def _count(name: str) -> int:
    return int(st.session_state.setdefault(name, 1))


def _click(  # noqa: PLR0913
    action: str, number: int, reason: str, act: Act, *, typed: str, confirm: str
) -> None:
    if st.session_state[f"try:{action}"] != number:
        log.info("a second click on %s was ignored", action)
        return
    st.session_state[f"try:{action}"] = number + 1
    if confirm and st.session_state.get(typed, "").strip() != confirm:
        st.session_state[f"said:{action}"] = f"Nothing was changed. Type {confirm} to confirm it."
        return
    said = ""
    try:
        act(st.session_state.get(reason, ""))
    except ValidationError:
        said = SHORT_REASON
    except NOTHING_CHANGED as error:
        log.warning("%s was not done: %s", action, error)
        said = f"Nothing was changed. {error}"
    except SourceError as error:
        log.warning("whether %s was done is not known: %s", action, error)
        said = f"{error} Whether it was done is not known: look before you try again."
    except Exception as error:  # noqa: BLE001  Streamlit would show nothing of it but a box
        said = f"{said_of(error, action)} Look whether it was done before you try again."
    else:
        st.session_state[f"done:{action}"] += 1
    st.session_state[f"said:{action}"] = said
