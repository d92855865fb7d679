"""The header: where this is, whether it is well, and the halt switch."""

from typing import Any

import pytest

from console.clients.failures import (
    NotReachedError,
    RefusedError,
    RejectedError,
    SourceAwayError,
    SourceError,
)
from tests.fakes import believable


def test_a_degraded_stack_names_what_is_not_ready(header_page: Any) -> None:
    header_page.control.now = believable.state(broken="worker")
    assert "degraded: worker (backoff)" in header_page.run().html


def test_firing_alerts_are_counted(header_page: Any) -> None:
    header_page.control.alerts = [believable.alert()]
    assert "1 firing" in header_page.run().html


def test_halting_asks_for_a_reason_and_shows_the_switch_thrown(header_page: Any) -> None:
    header_page.run().reason("customer demo").press("Halt now")
    assert [each.reason for each in header_page.control.asked] == ["customer demo"]
    assert 'data-chip="halt"' in header_page.html


@pytest.mark.parametrize("kind", [RefusedError, RejectedError, NotReachedError])
def test_what_was_not_done_for_certain_is_said_so(
    header_page: Any, kind: type[SourceError]
) -> None:
    header_page.run()
    header_page.control.trouble = kind("It is so.")
    header_page.reason("customer demo").press("Halt now")
    assert "Nothing was changed. It is so." in header_page.html


def test_what_may_have_been_done_is_not_said_to_have_changed_nothing(header_page: Any) -> None:
    header_page.run()
    header_page.control.trouble = SourceAwayError("Faults: taken back in 0.2 s.")
    header_page.reason("customer demo").press("Halt now")
    assert "Nothing was changed" not in header_page.html
    assert "Faults: taken back in 0.2 s. Whether it was done is not known: look" in header_page.html


def test_the_control_service_away_is_said_and_not_shown_as_ready(header_page: Any) -> None:
    header_page.control.trouble = SourceAwayError("The control service does not answer.")
    html = header_page.run().html
    assert "control service away" in html
    assert "stack ready" not in html


def test_an_old_state_is_marked_with_its_time(header_page: Any) -> None:
    header_page.run()
    header_page.control.trouble = SourceAwayError("The control service does not answer.")
    html = header_page.run().html
    assert "as of " in html
    assert "control service away" in html
    assert "stack ready" not in html
