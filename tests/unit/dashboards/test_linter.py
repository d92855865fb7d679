"""The generated dashboards keep dashboard-linter's rules, and each rule finds what breaks it."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from dashboards.build import DASHBOARDS, JSON
from tests.unit.dashboards.linter import Grafana, complaints, panels, variables

DOCUMENTS = {name: json.loads((JSON / f"{name}.json").read_text()) for name in DASHBOARDS}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_dashboard_keeps_the_linters_rules(document: Grafana) -> None:
    assert complaints(document) == []


def _asking(promql: str) -> Callable[[Grafana], None]:
    return lambda document: panels(document)[0]["targets"][0].update(expr=promql)


def _in_panel(**changes: Any) -> Callable[[Grafana], None]:
    return lambda document: panels(document)[0].update(changes)


def _in_variable(name: str, **changes: Any) -> Callable[[Grafana], None]:
    return lambda document: variables(document)[name].update(changes)


TARGET = 'job=~"$job",instance=~"$instance"'


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        ("template-datasource-rule", _in_variable("datasource", query="loki")),
        ("template-datasource-rule", _in_variable("datasource", label="Source")),
        ("template-job-rule", _in_variable("job", allValue=".*")),
        ("template-job-rule", _in_variable("job", multi=False)),
        ("template-instance-rule", _in_variable("instance", datasource={"uid": "mine"})),
        ("template-label-promql-rule", _in_variable("job", query="label_values(job)")),
        ("template-on-time-change-reload-rule", _in_variable("job", refresh=1)),
        ("panel-datasource-rule", _in_panel(datasource={"uid": "pharos-prometheus"})),
        ("panel-title-description-rule", _in_panel(title=" ")),
        ("panel-title-description-rule", _in_panel(description="")),
        ("panel-units-rule", _in_panel(fieldConfig={"defaults": {}})),
        ("panel-no-targets-rule", _in_panel(targets=[])),
        ("target-promql-rule", _asking("sum(up")),
        ("target-job-rule", _asking('up{instance=~"$instance"}')),
        ("target-job-rule", _asking('up{job="$job",instance=~"$instance"}')),
        ("target-instance-rule", _asking('up{job=~"$job"}')),
        ("target-counter-agg-rule", _asking(f"sum(pharos_http_requests_total{{{TARGET}}})")),
        (
            "target-rate-interval-rule",
            _asking(f"sum(rate(pharos_http_requests_total{{{TARGET}}}[5m]))"),
        ),
        ("uneditable-dashboard", lambda document: document.update(editable=True)),
    ],
)
def test_a_rule_finds_what_breaks_it(rule: str, spoil: Callable[[Grafana], None]) -> None:
    document = deepcopy(DOCUMENTS["overview"])
    spoil(document)
    assert {complaint.rule for complaint in complaints(document)} == {rule}
