"""dashboard-linter's rules over a dashboard's JSON, each a function that yields its complaints.

Source of the rules: https://github.com/grafana/dashboard-linter/tree/main/docs/rules
Those for Loki are left out: no data source of ours speaks LogQL.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from promql_parser import MatchOp, VectorSelector

from alerts.promql import bare_counters, nodes, parsed
from backend.observability.catalogue import FOREIGN, RECORDED, RULES

Grafana = dict[str, Any]
Rule = Callable[[Grafana], Iterator["Complaint"]]

# The only exclusion, from target-job-rule and target-instance-rule: what rules make of
# other series carries no target, so that the matchers would find nothing.
MADE_BY_RULES = {metric.name for metric in RECORDED} | {
    metric.name for metric in FOREIGN if metric.jobs == RULES
}

_LABEL_VALUES = re.compile(r"label_values\((.+), (?:job|instance)\)")
_WINDOW = re.compile(r"(\w+)\([\w:]+\{[^}]*\}\[([^\]]+)\]")
# A rate is of now; an increase tells what happened in the time that is shown.
_WINDOWS = {"increase": "$__range"}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a rule found, where (a panel's or a variable's name), in words."""

    rule: str
    place: str
    words: str


def complaints(document: Grafana) -> list[Complaint]:
    """Return what the rules find in a dashboard."""
    return [complaint for rule in LINTED for complaint in rule(document)]


def panels(document: Grafana) -> list[Grafana]:
    return [panel for panel in document["panels"] if panel["type"] != "row"]


def variables(document: Grafana) -> dict[str, Grafana]:
    return {variable["name"]: variable for variable in document["templating"]["list"]}


def _datasource(document: Grafana) -> Iterator[Complaint]:
    found = variables(document).get("datasource", {})
    if (found.get("type"), found.get("query")) != ("datasource", "prometheus"):
        yield Complaint("template-datasource-rule", "datasource", "is no data source variable")
    if found.get("label") != "Data source":
        yield Complaint("template-datasource-rule", "datasource", "is not labelled Data source")


def _target_variable(name: str) -> Rule:
    def rule(document: Grafana) -> Iterator[Complaint]:
        found = variables(document).get(name, {})
        wanted = {"type": "query", "multi": True, "allValue": ".+", "label": name.capitalize()}
        for key, value in wanted.items():
            if found.get(key) != value:
                yield Complaint(f"template-{name}-rule", name, f"{key} is not {value}")
        if found.get("datasource", {}).get("uid") != "${datasource}":
            yield Complaint(f"template-{name}-rule", name, "does not ask ${datasource}")

    return rule


def _queried_variables(document: Grafana) -> Iterator[Complaint]:
    for name, variable in variables(document).items():
        if variable["type"] != "query":
            continue
        if variable["refresh"] != 2:
            yield Complaint("template-on-time-change-reload-rule", name, "is not read again")
        metric = _LABEL_VALUES.fullmatch(str(variable["query"]))
        if metric is None or not nodes(parsed(metric.group(1))):
            yield Complaint("template-label-promql-rule", name, "is no label_values of a metric")


def _panel_parts(document: Grafana) -> Iterator[Complaint]:
    for panel in panels(document):
        title = panel.get("title", "")
        if panel.get("datasource", {}).get("uid") != "${datasource}":
            yield Complaint("panel-datasource-rule", title, "does not ask ${datasource}")
        if not title.strip() or not panel.get("description", "").endswith("."):
            yield Complaint("panel-title-description-rule", title, "lacks a title or a description")
        if not panel["fieldConfig"]["defaults"].get("unit"):
            yield Complaint("panel-units-rule", title, "has no unit")
        if not panel.get("targets"):
            yield Complaint("panel-no-targets-rule", title, "asks nothing")


def _targets(document: Grafana) -> Iterator[Complaint]:
    for panel in panels(document):
        for target in panel.get("targets", []):
            yield from _target(panel["title"], target["expr"])


def _target(title: str, promql: str) -> Iterator[Complaint]:
    try:
        tree = nodes(parsed(promql))
    except ValueError as error:
        yield Complaint("target-promql-rule", title, str(error))
        return
    for node in tree:
        if isinstance(node, VectorSelector) and node.name not in MADE_BY_RULES:
            yield from _unchosen(title, node)
    for name in bare_counters(promql):
        yield Complaint("target-counter-agg-rule", title, f"{name} is read without a rate")
    for function, window in _WINDOW.findall(promql):
        if window != _WINDOWS.get(function, "$__rate_interval"):
            yield Complaint("target-rate-interval-rule", title, f"{function} looks back {window}")


def _unchosen(title: str, selector: VectorSelector) -> Iterator[Complaint]:
    matched = [(each.name, each.op, each.value) for each in selector.matchers.matchers]
    for name in ("job", "instance"):
        if (name, MatchOp.Re, f"${name}") not in matched:
            yield Complaint(f"target-{name}-rule", title, f"{selector.name} ignores ${name}")


def _editing(document: Grafana) -> Iterator[Complaint]:
    if document["editable"]:
        yield Complaint("uneditable-dashboard", document["title"], "can be edited in Grafana")


LINTED: tuple[Rule, ...] = (
    _datasource,
    _target_variable("job"),
    _target_variable("instance"),
    _queried_variables,
    _panel_parts,
    _targets,
    _editing,
)
