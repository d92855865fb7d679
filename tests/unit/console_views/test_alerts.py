"""The Alerts page: what fires, the alert that is looked at, what is answered, what was."""

from typing import Any

import pytest

from console.clients.failures import SourceAwayError
from tests.fakes import believable


@pytest.fixture
def looked_at(alerts_page: Any) -> Any:
    alerts_page.control.alerts = [believable.alert(), believable.pending()]
    alerts_page.app.query_params["alert"] = "ReplicaDown"
    return alerts_page


def fill(page: Any, action: str, reason: str) -> Any:
    field = next(each for each in page.app.text_input if each.key.startswith(f"{action}-reason"))
    field.input(reason)
    return page


def test_what_fires_and_what_is_pending_are_told_with_value_and_team(alerts_page: Any) -> None:
    alerts_page.control.alerts = [believable.alert(), believable.pending()]
    html = alerts_page.run().html
    assert "1 firing, 1 pending" in html
    assert "api-2 has not answered its scrape for 20 seconds." in html
    assert "42.125" in html
    assert '<a href="/alerts?alert=ReplicaDown&amp;fingerprint=c0ffee" target="_self">' in html


def test_nothing_firing_is_said_and_is_not_claimed_while_a_server_is_away(alerts_page: Any) -> None:
    assert "Nothing fires, and nothing is about to." in alerts_page.run().html
    alerts_page.control.troubles = ["Prometheus does not answer."]
    html = alerts_page.run().html
    assert "Prometheus does not answer." in html
    assert "Nothing fires" not in html


def test_a_control_service_that_is_away_leaves_the_last_answer_with_its_time(
    alerts_page: Any,
) -> None:
    alerts_page.control.alerts = [believable.alert()]
    alerts_page.run()
    alerts_page.control.trouble = SourceAwayError("The control service does not answer.")
    html = alerts_page.run().html
    assert "What you see here is as of" in html
    assert "api-2 has not answered" in html


def test_a_flood_is_shown_in_part_and_counted(alerts_page: Any) -> None:
    alerts_page.control.alerts = [
        believable.alert().model_copy(update={"fingerprint": f"{number:x}"})
        for number in range(103)
    ]
    html = alerts_page.run().html
    assert "103 firing, 0 pending" in html
    assert "3 more are not shown" in html


def test_an_alert_leads_to_its_page_its_dashboard_and_its_logs(looked_at: Any) -> None:
    html = looked_at.run().html
    assert '<a href="/replicas" target="_self">Console page</a>' in html
    assert '<a href="/dashboards?dashboard=pharos-overview" target="_self">Dashboard</a>' in html
    assert "/logs?component=api-2&amp;since=1h" in html
    assert "/chaos?find=ReplicaDown" in html
    assert "did not come back within 15 s" in html


def test_where_the_component_writes_no_lines_the_warnings_of_all_are_linked(looked_at: Any) -> None:
    named = {**believable.alert().labels, "component": "postgres", "instance": "postgres"}
    looked_at.control.alerts = [believable.alert().model_copy(update={"labels": named})]
    assert "/logs?level=warning&amp;since=1h" in looked_at.run().html


def test_the_runbook_stands_beside_it_with_queries_that_can_be_asked(looked_at: Any) -> None:
    promql = 'up{job=~"api|relay|worker"} == 0'
    looked_at.prometheus.answer(promql, 0, instance="api-2", job="api")
    looked_at.run()
    assert any("## Mitigation" in part.value for part in looked_at.app.markdown)
    queries = [code.value for code in looked_at.app.code]
    place = queries.index(promql)
    looked_at.app.button(key=f"runbook-query-{2 * place + 1}").click()
    assert "instance=api-2, job=api" in looked_at.run().html


def test_an_alert_that_does_not_fire_still_has_its_runbook(alerts_page: Any) -> None:
    alerts_page.app.query_params["alert"] = "ReplicaDown"
    html = alerts_page.run().html
    assert "ReplicaDown does not fire, and has not lately." in html
    assert any("# ReplicaDown" in part.value for part in alerts_page.app.markdown)


@pytest.mark.parametrize("name", ["NoSuchAlert", "../README", "<script>"])
def test_an_alert_that_nobody_knows_is_said(alerts_page: Any, name: str) -> None:
    alerts_page.app.query_params["alert"] = name
    html = alerts_page.run().html
    assert "There is no runbook" in html
    assert "<script>" not in html


def test_acknowledging_sends_reason_and_end_and_is_shown(looked_at: Any) -> None:
    fill(looked_at.run(), "acknowledge", "looking at api-2")
    looked_at.app.selectbox(key="acknowledge-end").select("2 hours")
    looked_at.press("Acknowledge")
    assert [(each.reason, each.minutes) for each in looked_at.control.asked] == [
        ("looking at api-2", 120)
    ]
    assert "looking at api-2" in looked_at.html
    fill(looked_at, "withdraw", "not mine").press("Take back")
    assert looked_at.control.alerts[0].acknowledged is None


def test_silencing_this_alert_names_all_of_its_labels(looked_at: Any) -> None:
    fill(looked_at.run(), "silence", "being mended").press("Silence")
    (asked,) = looked_at.control.asked
    assert {each.name: each.value for each in asked.matchers} == believable.alert().labels
    assert (asked.reason, asked.minutes) == ("being mended", 30)


def test_silencing_its_namesakes_names_the_alert_alone(looked_at: Any) -> None:
    fill(looked_at.run(), "silence", "being mended")
    looked_at.app.selectbox(key="silence-what").select("Every alert of this name")
    looked_at.press("Silence")
    (asked,) = looked_at.control.asked
    assert [each.text for each in asked.matchers] == ['alertname="ReplicaDown"']


def test_a_refused_silence_says_why(looked_at: Any) -> None:
    looked_at.control.refusal = "This would silence the watchdog too."
    fill(looked_at.run(), "silence", "being mended").press("Silence")
    assert "Nothing was changed. This would silence the watchdog too." in looked_at.html


def test_an_answer_without_a_reason_is_not_sent(looked_at: Any) -> None:
    looked_at.run().press("Silence")
    assert looked_at.control.asked == []
    assert "Give a reason" in looked_at.html


def test_what_is_pending_cannot_be_acknowledged_yet(looked_at: Any) -> None:
    looked_at.app.query_params["alert"] = "OutboxAgeing"
    html = looked_at.run().html
    assert "it can be acknowledged once it fires" in html
    assert not [button for button in looked_at.app.button if button.label == "Acknowledge"]


def test_a_silence_is_listed_and_can_be_ended(alerts_page: Any) -> None:
    alerts_page.control.held = [believable.silence()]
    assert "being mended" in alerts_page.run().html
    fill(alerts_page, "end-5117-ce", "mended").press("End this silence")
    assert alerts_page.control.held == []


def test_the_history_tells_how_long_an_alert_lasted_and_whose_drill_it_was(
    alerts_page: Any,
) -> None:
    alerts_page.control.ended = [believable.ended()]
    html = alerts_page.run().html
    assert "3 min 5 s" in html
    assert "drill 20261122T101500-a1b2" in html


def test_the_header_s_count_leads_here(header_page: Any) -> None:
    header_page.control.alerts = [believable.alert()]
    assert '<a href="/alerts" target="_self"><span class="ph-chip ph-bad"' in header_page.run().html
