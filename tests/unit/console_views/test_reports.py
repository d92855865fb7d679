"""What nobody foresaw in a page: a sentence in its place, reported once, the rest still shown."""

import ast
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend.observability.catalogue import Process
from backend.observability.errors import ErrorReports
from backend.observability.metrics import Instruments
from backend.observability.tracker import _Transport
from console.components import reports
from deploy.home import PROJECT
from tests.fakes.tracker import FakeTracker
from tests.fixtures.running import PATIENCE


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTracker]:
    """A tracker that the console reports to."""
    monkeypatch.setattr(_Transport, "TIMEOUT", PATIENCE)
    with FakeTracker().serving() as tracker:
        own = ErrorReports(Instruments(Process.CONSOLE, "1"), dsn=tracker.dsn)
        monkeypatch.setattr(reports, "reports", lambda: own)
        yield tracker
        own.close()


def _page(script: Callable[[], None]) -> tuple[AppTest, str]:
    app = AppTest.from_function(script, default_timeout=PATIENCE).run()
    assert not app.exception
    return app, "\n".join(element.proto.body for element in app.get("html"))


def _broken_part() -> None:
    import streamlit as st  # noqa: PLC0415  a script is its function's body alone

    from console.components.reports import fragment  # noqa: PLC0415

    @fragment(2)
    def part() -> None:
        raise KeyError("row")

    part()
    st.text("the rest")


def test_a_part_that_fails_is_a_sentence_with_the_event_and_the_rest_is_shown(
    tracker: FakeTracker,
) -> None:
    app, html = _page(_broken_part)
    reports.reports().flush(PATIENCE)
    (event,) = tracker.events()
    assert f"It is event {event['event_id']} in the error tracker" in html
    assert "KeyError" not in html
    assert [text.value for text in app.text] == ["the rest"]


def _part_of_an_ended_session() -> None:
    import streamlit as st  # noqa: PLC0415  a script is its function's body alone

    from console.clients.failures import SignedOutError  # noqa: PLC0415
    from console.components.reports import fragment  # noqa: PLC0415

    @fragment(2)
    def part() -> None:
        st.session_state.asked = True
        raise SignedOutError("ended")

    if st.session_state.get("asked"):
        st.text("the way in")
    else:
        part()


def test_a_part_whose_session_has_ended_begins_the_page_anew(tracker: FakeTracker) -> None:
    app, _ = _page(_part_of_an_ended_session)
    assert [text.value for text in app.text] == ["the way in"]
    reports.reports().flush(PATIENCE)
    assert tracker.events() == []


def test_a_part_that_fails_again_and_again_is_reported_and_logged_once(
    tracker: FakeTracker, caplog: pytest.LogCaptureFixture
) -> None:
    app, _ = _page(_broken_part)
    app.run()
    reports.reports().flush(PATIENCE)
    assert len(tracker.events()) == 1
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR]


def _ended_early() -> None:
    import streamlit as st  # noqa: PLC0415

    from console.components.reports import caught  # noqa: PLC0415

    with caught("a page"):
        st.stop()
    st.text("never shown")


def test_streamlit_s_own_ways_of_ending_a_run_are_no_failures(tracker: FakeTracker) -> None:
    app, html = _page(_ended_early)
    assert (html, list(app.text), tracker.envelopes) == ("", [], [])


def test_an_action_that_fails_unforeseen_says_to_look_before_trying_again(
    header_page: Any, tracker: FakeTracker
) -> None:
    header_page.run().reason("customer demo")
    header_page.control.trouble = KeyError("row")
    header_page.press("Halt now")
    said = [text for text in header_page.html.splitlines() if "Look whether it was done" in text]
    assert len(said) == 1


def test_every_part_that_runs_by_itself_has_a_last_catch() -> None:
    """Streamlit runs such a part without its page, whose catch would not be there."""
    using = {
        path.name
        for path in (PROJECT / "console").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "st.fragment"
    }
    assert using == {"reports.py"}, "use console.components.reports.fragment"
