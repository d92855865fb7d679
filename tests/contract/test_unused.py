"""Nothing is measured, or kept of what others measure, that no rule, panel or page asks for."""

from collections.abc import Iterator

import yaml
from promql_parser import VectorSelector

from alerts.promql import EVERYTHING as EVERY_METRIC
from alerts.promql import nodes, parsed
from alerts.rulebook import ROOM
from backend.observability.catalogue import series_of
from tests.contract.test_signal_names import EVERYTHING as EVERY_QUERY


def _recording() -> Iterator[str]:
    for path in sorted(ROOM.rglob("*.yaml")):
        document = yaml.safe_load(path.read_text())
        groups = document.get("groups", []) if isinstance(document, dict) else []
        rules = [rule for group in groups for rule in group.get("rules", [])]
        yield from (rule["expr"] for rule in rules if "record" in rule)


def _asked_for() -> set[str]:
    expressions = [*(promql for _, promql in EVERY_QUERY), *_recording()]
    selectors = (node for promql in expressions for node in nodes(parsed(promql)))
    return {str(node.name) for node in selectors if isinstance(node, VectorSelector)}


def test_every_declared_metric_is_asked_for_somewhere() -> None:
    asked_for = _asked_for()
    unused = {metric.name for metric in EVERY_METRIC if not asked_for & set(series_of(metric))}
    assert unused == set()
