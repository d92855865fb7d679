"""The header: where this is, whether it is well, and the halt switch."""

from typing import Any

from console.clients.failures import SourceAwayError
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
