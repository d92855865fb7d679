"""Which metrics exist, and what of an expression names one that does not."""

from collections import Counter

import promql_parser
from promql_parser import AggregateExpr, Call, MatrixSelector, VectorSelector

from backend.observability.catalogue import (
    CATALOGUE,
    FOREIGN,
    RECORDED,
    TARGET_LABELS,
    Foreign,
    Kind,
    Recorded,
    Spec,
    series_of,
)

_VARIABLES = {"$__rate_interval": "1m", "$__range": "1h", "$__interval": "10s"}


def _series(spec: Spec | Foreign | Recorded) -> dict[str, frozenset[str]]:
    labels = frozenset(spec.label_names)
    if not isinstance(spec, Recorded):
        labels |= TARGET_LABELS
    buckets = {f"{spec.name}_bucket"} if spec.kind is Kind.HISTOGRAM else set()
    return {name: labels | ({"le"} if name in buckets else set()) for name in series_of(spec)}


EVERYTHING: tuple[Spec | Foreign | Recorded, ...] = (*CATALOGUE, *FOREIGN, *RECORDED)
EXPOSED = {name: labels for spec in EVERYTHING for name, labels in _series(spec).items()}
CUMULATIVE = {name for spec in EVERYTHING for name in _series(spec) if spec.kind is not Kind.GAUGE}


def parsed(promql: str) -> promql_parser.Expr:
    """Parse an expression of Prometheus or, its variables filled in, of Grafana."""
    for variable, value in _VARIABLES.items():
        promql = promql.replace(variable, value)
    return promql_parser.parse(promql)


def canonical(promql: str) -> str:
    """Return an expression in the one spelling that all texts of its meaning and order share.

    Raises:
        ValueError: it is no PromQL.
    """
    return str(promql_parser.parse(promql).prettify())


def nodes(expression: promql_parser.Expr) -> list[promql_parser.Expr]:
    found: list[promql_parser.Expr] = []
    promql_parser.walk(expression, found.append)
    return found


def misnamed(promql: str) -> list[str]:
    """Return each metric and label of the expression that nothing exposes."""
    tree = nodes(parsed(promql))
    wrong = [
        fault for node in tree if isinstance(node, VectorSelector) for fault in _selector(node)
    ]
    for node in tree:
        if isinstance(node, AggregateExpr) and node.modifier:
            unknown = set(node.modifier.labels) - _available(node.expr)
            wrong += [f"by ({label})" for label in sorted(unknown)]
    return wrong


def bare_counters(promql: str) -> list[str]:
    """Return the counters that are read without a rate or an increase around them."""
    tree = nodes(parsed(promql))
    read = Counter(node.name for node in tree if isinstance(node, VectorSelector))
    ranged = Counter(node.vector_selector.name for node in tree if isinstance(node, MatrixSelector))
    return sorted(name for name in read - ranged if name in CUMULATIVE)


def _selector(node: VectorSelector) -> list[str]:
    if node.name not in EXPOSED:
        return [str(node.name)]
    labels = {matcher.name for matcher in node.matchers.matchers}
    unknown = labels - EXPOSED[node.name]
    return [f"{node.name}{{{label}}}" for label in sorted(unknown)]


def _available(expression: promql_parser.Expr) -> set[str]:
    tree = nodes(expression)
    labels: set[str] = set()
    for node in tree:
        if isinstance(node, VectorSelector):
            labels |= EXPOSED.get(node.name or "", frozenset())
        if isinstance(node, Call) and node.func.name == "label_replace":
            labels.add(node.args[1].val)
    return labels
