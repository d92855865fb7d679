"""The Replicas page: what runs, and scaling that happens once."""

from typing import Any

from console.clients import queries
from console.clients.failures import SourceAwayError
from console.components import asking


def _choose(page: Any, count: int) -> None:
    page.app.number_input[0].set_value(count)
    page.run()


def test_a_replica_shows_its_pid_address_and_cpu(replicas_page: Any) -> None:
    replicas_page.prometheus.answer(queries.REPLICA_CPU.promql, 0.25, instance="api-1")
    html = replicas_page.run().html
    assert "4300" in html
    assert "127.0.0.1:7442" in html
    assert 'data-of="api-1" data-value="0.25"' in html


def test_the_preview_names_what_starts(replicas_page: Any) -> None:
    _choose(replicas_page.run(), 4)
    assert "api: 2 → 4" in replicas_page.html
    assert "api-3, api-4" in replicas_page.html


def test_scaling_sends_role_count_and_reason(replicas_page: Any) -> None:
    _choose(replicas_page.run(), 4)
    replicas_page.reason("more traffic is coming").press("Scale api to 4")
    assert [(each.role, each.count, each.reason) for each in replicas_page.control.asked] == [
        ("api", 4, "more traffic is coming")
    ]
    assert "1 of 4 serve" in replicas_page.html


def test_a_reason_that_is_too_short_changes_nothing_and_is_said(replicas_page: Any) -> None:
    _choose(replicas_page.run(), 4)
    replicas_page.reason("x").press("Scale api to 4")
    assert replicas_page.control.asked == []
    assert asking.SHORT_REASON in replicas_page.html


def test_a_second_click_on_the_same_button_does_nothing(replicas_page: Any) -> None:
    _choose(replicas_page.run(), 4)
    replicas_page.reason("more traffic is coming")
    used = replicas_page.app.session_state["try:scale"]
    replicas_page.press("Scale api to 4")
    keys = [button.key for button in replicas_page.app.button]
    assert f"scale-{used}" not in keys
    assert len(replicas_page.control.asked) == 1


def test_a_refusal_is_shown_with_its_reason(replicas_page: Any) -> None:
    replicas_page.control.refusal = "A drill is running: wait for its end."
    _choose(replicas_page.run(), 4)
    replicas_page.reason("more traffic is coming").press("Scale api to 4")
    assert "Nothing was changed. A drill is running: wait for its end." in replicas_page.html


def test_with_the_node_agent_away_nothing_is_claimed_to_run(replicas_page: Any) -> None:
    replicas_page.control.now.stack = None
    html = replicas_page.run().html
    assert "What runs now is not known: the node agent does not answer." in html
    assert "4300" not in html


def test_with_the_control_service_away_the_last_table_stays(replicas_page: Any) -> None:
    replicas_page.run()
    replicas_page.control.trouble = SourceAwayError("The control service does not answer.")
    html = replicas_page.run().html
    assert "as of " in html
    assert "4300" in html


def test_what_can_be_scaled_is_unknown_because_of_whoever_is_away(replicas_page: Any) -> None:
    replicas_page.control.now.stack = None
    replicas_page.control.now.desired = {}
    assert "is not known while the node agent is away" in replicas_page.run().html


def test_scaling_to_what_is_there_already_is_not_offered(replicas_page: Any) -> None:
    replicas_page.run()
    button = next(each for each in replicas_page.app.button if each.label == "Scale api to 2")
    assert button.disabled


def test_replicas_are_stopped_once_their_role_is_typed(replicas_page: Any) -> None:
    _choose(replicas_page.run(), 1)
    replicas_page.reason("less traffic at night").press("Scale api to 1")
    assert replicas_page.control.asked == []
    assert "Type api to confirm it." in replicas_page.html
