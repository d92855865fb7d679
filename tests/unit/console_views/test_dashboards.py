"""The Dashboards page: Grafana's files, drawn without a Grafana."""

from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

import pytest

from console.clients.boards import Panel, boards
from console.clients.failures import RejectedError
from console.clients.panels import query_of
from console.clients.readings import Window
from console.components import heatmap
from console.components.units import UNITS, unit_for
from console.schemas import GrafanaDashboard

WINDOW = Window.until(datetime.now(UTC), timedelta(seconds=900), 10)


def _panel(uid: str, title: str) -> Panel:
    return next(panel for panel in boards()[uid].panels if panel.title == title)


def _promql(uid: str, title: str, place: int = 0) -> str:
    panel = _panel(uid, title)
    return query_of(panel, panel.targets[place], WINDOW).promql


def _open(page: Any, uid: str) -> str:
    page.app.query_params["dashboard"] = uid
    return str(page.run().html)


def test_every_unit_of_the_dashboards_can_be_written() -> None:
    used = {panel.unit for board in boards().values() for panel in board.panels}
    assert used <= UNITS.keys()


def test_grafanas_variables_are_filled_in() -> None:
    promql = _promql("pharos-overview", "Requests")
    assert 'job=~".+",instance=~".+",job="api"}[12s]' in promql
    assert "increase(" in _promql("pharos-api", "Requests by method and status")
    assert "[900s]" in _promql("pharos-api", "Requests by method and status")


@pytest.mark.parametrize("uid", list(boards()))
def test_each_dashboard_opens_with_its_panels_and_what_they_mean(
    dashboards_page: Any, uid: str
) -> None:
    html = _open(dashboards_page, uid)
    for panel in boards()[uid].panels:
        assert f"<h2>{escape(panel.title)}</h2>" in html
    assert 'title="' in html


def test_a_single_figure_is_written_in_its_unit_and_red_when_it_is_bad(
    dashboards_page: Any,
) -> None:
    dashboards_page.prometheus.answer(_promql("pharos-overview", "p99"), 0.25)
    dashboards_page.prometheus.answer(_promql("pharos-overview", "Requests"), 50.5)
    html = _open(dashboards_page, "pharos-overview")
    assert '<div class="ph-figure ph-bad" data-value="0.25">250<span class="ph-unit">ms' in html
    assert '<div class="ph-figure" data-value="50.5">50.5<span class="ph-unit">/s' in html


def test_a_query_that_fails_takes_its_own_panel_alone(dashboards_page: Any) -> None:
    refused = _promql("pharos-overview", "Dead letters")
    dashboards_page.prometheus.refused[refused] = RejectedError("Prometheus refused a query.")
    dashboards_page.prometheus.answer(_promql("pharos-overview", "Requests"), 50.5)
    html = _open(dashboards_page, "pharos-overview")
    assert html.count("Prometheus refused a query.") == 1
    assert 'data-value="50.5"' in html


def test_a_table_has_a_row_a_series(dashboards_page: Any) -> None:
    promql = _promql("pharos-events", "Consumers by queue")
    dashboards_page.prometheus.answer(promql, 2.0, queue="activity")
    dashboards_page.prometheus.answer(promql, 0.0, queue="<b>dead</b>")
    html = _open(dashboards_page, "pharos-events")
    assert '<td class="">activity</td><td class="ph-right">2</td>' in html
    assert "&lt;b&gt;dead" in html


def test_states_are_told_in_their_words(dashboards_page: Any) -> None:
    promql = _promql("pharos-api", "Breakers")
    dashboards_page.prometheus.answer(promql, 2.0, dependency="postgres")
    html = _open(dashboards_page, "pharos-api")
    assert "<dt>postgres</dt>" in html
    assert 'class="ph-bad" style="flex:1" title="open from ' in html


def test_what_is_empty_says_what_fills_it(dashboards_page: Any) -> None:
    assert "Empty until a breaker has changed its state." in _open(dashboards_page, "pharos-api")


def test_a_chart_says_so_too(dashboards_page: Any) -> None:
    html = _open(dashboards_page, "pharos-events")
    assert "Empty until a client has sent an event twice." in html


def test_a_heatmap_names_its_buckets_by_their_bounds() -> None:
    assert [heatmap._said(bound, "s") for bound in ("0.005", "2.5", "+Inf")] == [
        "5 ms",
        "2.5 s",
        "more",
    ]


@pytest.mark.parametrize(("uid", "linked"), [("pharos-api", True), ("pharos-events", False)])
def test_only_where_grafana_has_the_same_it_is_linked(
    dashboards_page: Any, uid: str, linked: bool
) -> None:
    address = "http://127.0.0.1:7422/d/pharos-api"
    dashboards_page.control.in_grafana = [
        GrafanaDashboard(uid="pharos-api", title="Pharos / API", url=address)
    ]
    assert (f'<a href="{address}"' in _open(dashboards_page, uid)) is linked


def test_an_address_that_names_no_dashboard_opens_the_first(dashboards_page: Any) -> None:
    assert "<h2>Golden signals</h2>" in _open(dashboards_page, "pharos-nothing")


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("s", 0.0123, "12.3 ms"),
        ("s", 3.0, "3 s"),
        ("s", 9000.0, "2.5 h"),
        ("percentunit", 0.5, "50 %"),
        ("bytes", 1536 * 1024, "1.5 MiB"),
        ("short", 1234.0, "1,234 "),
        ("reqps", 123.456, "123.5 /s"),
    ],
)
def test_values_read_in_the_unit_that_fits(unit: str, value: float, text: str) -> None:
    chosen = unit_for(unit, [value])
    assert f"{chosen.write(value)} {chosen.name}" == text
