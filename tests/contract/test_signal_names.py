"""Nothing names a metric or a label that does not exist."""

import json
import re

import pytest

from alerts.objectives.document import load_slos
from alerts.promql import bare_counters, misnamed
from alerts.rulebook import RUNBOOKS, load_recordings, load_rules, runbook_queries
from backend.observability.catalogue import RECORDED
from console.clients.queries import QUERIES
from console.control.budgets import question
from console.control.services.replica_load import QUERY as LOAD
from dashboards.build import JSON

_TEMPLATE_QUERY = re.compile(r'query (?:\(printf )?"((?:[^"\\]|\\.)*)"')


def _rules() -> list[tuple[str, str]]:
    found = []
    for rule in load_rules():
        found.append((rule.alert, rule.expr))
        texts = (rule.annotations.summary, rule.annotations.description)
        inside = [query for text in texts for query in _TEMPLATE_QUERY.findall(text)]
        found += [(f"{rule.alert} annotation", _filled(query)) for query in inside]
    return found + [(rule.record, rule.expr) for rule in load_recordings()]


def _filled(query: str) -> str:
    """Return a template's query as Prometheus gets it, some value in each place."""
    return query.replace('\\"', '"').replace("%q", '"x"').replace("%g", "1")


def _panels(panels: list[dict[str, object]]) -> list[tuple[str, str]]:
    return [
        (str(panel["title"]), target["expr"])
        for panel in panels
        for target in panel.get("targets", [])  # type: ignore[attr-defined]
    ]


DASHBOARDS = [
    (f"{path.stem}: {title}", expression)
    for path in sorted(JSON.glob("*.json"))
    for title, expression in _panels(json.loads(path.read_text())["panels"])
]
RUNBOOK_QUERIES = [
    (page.stem, query.promql)
    for page in sorted(RUNBOOKS.glob("*.md"))
    for query in runbook_queries(page)
]
CONSOLE = [(query.name, query.promql) for query in QUERIES]
CONTROL = [("the load", LOAD), ("the budgets", question(load_slos()))]
EVERYTHING = [*_rules(), *DASHBOARDS, *RUNBOOK_QUERIES, *CONSOLE, *CONTROL]


@pytest.mark.parametrize(("where", "promql"), EVERYTHING, ids=[where for where, _ in EVERYTHING])
def test_every_name_exists(where: str, promql: str) -> None:
    assert misnamed(promql) == []


@pytest.mark.parametrize(("where", "promql"), EVERYTHING, ids=[where for where, _ in EVERYTHING])
def test_counters_are_read_only_as_rates(where: str, promql: str) -> None:
    assert bare_counters(promql) == []


def test_what_is_recorded_is_what_the_catalogue_names() -> None:
    recorded = {(rule.record, ("slo",)) for rule in load_recordings()}
    assert recorded == {(series.name, series.labels) for series in RECORDED}


def test_each_place_was_looked_at() -> None:
    assert all((_rules(), DASHBOARDS, RUNBOOK_QUERIES, CONSOLE))


@pytest.mark.parametrize(
    ("promql", "faults"),
    [
        ("sum(pharos_http_requests)", ["pharos_http_requests"]),
        ("rate(pharos_http_requests_total{code=~'5..'}[1m])", ["pharos_http_requests_total{code}"]),
        ("sum by (queue) (pharos_outbox_depth)", ["by (queue)"]),
        ("pharos_http_request_duration_seconds", ["pharos_http_request_duration_seconds"]),
        ("slo:error_budget_left:ratio{job='api'}", ["slo:error_budget_left:ratio{job}"]),
    ],
)
def test_a_wrong_name_is_found(promql: str, faults: list[str]) -> None:
    assert misnamed(promql) == faults


def test_a_bare_counter_is_found_beside_its_rate() -> None:
    mixed = "pharos_http_requests_total / rate(pharos_http_requests_total[1m])"
    assert bare_counters(mixed) == ["pharos_http_requests_total"]
