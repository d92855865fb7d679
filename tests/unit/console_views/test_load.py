"""The Load page over sources that answer, are empty, or are away."""

import re
from typing import Any

import pytest

from console.clients import queries
from console.clients.failures import SourceAwayError
from tests.fakes import believable


def test_a_number_carries_prometheus_whole_answer_and_the_query(load_page: Any) -> None:
    load_page.prometheus.answer(queries.REQUESTS.promql, 166.03571)
    load_page.run()
    assert 'data-reading="requests"' in load_page.html
    assert 'data-value="166.03571"' in load_page.html
    assert ">166.0</span>" in load_page.html
    assert re.search(r'class="ph-cards" data-at="\d{10}\.\d+"', load_page.html)
    assert "sum(rate(pharos_http_requests_total" in load_page.html


def test_each_replica_has_its_own_figures(load_page: Any) -> None:
    load_page.prometheus.answer(queries.REPLICA_CPU.promql, 0.1234, instance="api-10")
    load_page.prometheus.answer(queries.REPLICA_CPU.promql, 0.5, instance="api-2")
    html = load_page.run().html
    assert 'data-reading="replica_cpu" data-of="api-10" data-value="0.1234"' in html
    assert html.index('data-of="api-2"') < html.index('data-of="api-10"')


def test_no_traffic_is_said_with_the_command_that_makes_some(load_page: Any) -> None:
    load_page.prometheus.answer(queries.REQUESTS.promql, 0.0)
    assert "./pharos load --rate 50 --duration 60" in load_page.run().html


def test_a_ratio_of_nothing_is_no_number(load_page: Any) -> None:
    load_page.prometheus.answer(queries.ERROR_RATIO.promql, None)
    assert 'data-reading="error_ratio" data-of="" data-value=""' in load_page.run().html


def test_prometheus_away_keeps_the_last_numbers_and_says_since_when(load_page: Any) -> None:
    load_page.prometheus.answer(queries.REQUESTS.promql, 42.0)
    load_page.run()
    load_page.prometheus.trouble = SourceAwayError("Prometheus does not answer.")
    html = load_page.run().html
    assert "Prometheus does not answer. What you see here is as of " in html
    assert 'data-value="42.0"' in html


def test_the_control_service_away_leaves_the_figures_alone(load_page: Any) -> None:
    load_page.prometheus.answer(queries.REQUESTS.promql, 42.0)
    load_page.control.trouble = SourceAwayError("The control service does not answer.")
    html = load_page.run().html
    assert "The control service does not answer." in html
    assert 'data-value="42.0"' in html


def test_what_fires_is_told_with_its_summary(load_page: Any) -> None:
    load_page.control.alerts = [believable.alert()]
    html = load_page.run().html
    assert "ReplicaDown" in html
    assert "api-2 has not answered its scrape for 20 seconds." in html


def test_what_fires_says_where_to_look(load_page: Any) -> None:
    known = {"description": "It left the gateway.", "runbook_url": "alerts/runbooks/R.md"}
    places = {"console_url": "/replicas", "dashboard_url": "/d/pharos-overview"}
    load_page.control.alerts = [believable.alert().model_copy(update=known | places)]
    html = load_page.run().html
    assert "It left the gateway." in html
    assert '<a href="/replicas" target="_self">Replicas</a>' in html
    assert '<a href="/alerts?alert=ReplicaDown" target="_self">Runbook</a>' in html
    assert '<a href="/dashboards?dashboard=pharos-overview" target="_self">Dashboard</a>' in html


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//elsewhere.example", "data:text/html,x"])
def test_an_alert_cannot_lead_out_of_the_page_by_a_trick(load_page: Any, url: str) -> None:
    places = {"runbook_url": url, "console_url": url, "dashboard_url": url}
    load_page.control.alerts = [believable.alert().model_copy(update=places)]
    assert f'href="{url}' not in load_page.run().html


def test_names_from_outside_cannot_become_markup(load_page: Any) -> None:
    load_page.prometheus.answer(queries.QUEUES.promql, 1.0, queue="<img src=x>")
    html = load_page.run().html
    assert "<img" not in html
    assert "&lt;img src=x&gt;" in html


def test_what_prometheus_was_never_asked_is_not_claimed(load_page: Any) -> None:
    load_page.prometheus.trouble = SourceAwayError("Prometheus does not answer.")
    html = load_page.run().html
    assert "Not known while Prometheus does not answer." in html
    assert "has been scraped yet" not in html
    assert html.count("Prometheus does not answer. ") == 1
