"""What Prometheus answers a dashboard's panel: its queries with Grafana's variables filled in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from console.clients.boards import Panel, Target
from console.clients.prometheus import Sample
from console.clients.queries import Query
from console.clients.readings import AsksPrometheus, Curves, Window, filled

# As in Grafana: an interval that holds four scrapes, or a scrape more than a step.
SCRAPE_SECONDS = 2
EVERYTHING = ".+"
_LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One series of one query now."""

    name: str
    labels: dict[str, str]
    value: float | None


def query_of(panel: Panel, target: Target, window: Window) -> Query:
    """Return the target's expression as Grafana would send it."""
    rate = max(4 * SCRAPE_SECONDS, int(window.step) + SCRAPE_SECONDS)
    values = {
        "$__rate_interval": f"{rate}s",
        "$__range": f"{window.length.total_seconds():.0f}s",
        "$job": EVERYTHING,
        "$instance": EVERYTHING,
    }
    promql = target.expr
    for name, value in values.items():
        promql = promql.replace(name, value)
    return Query(f"panel-{panel.id}", promql)


def curves(source: AsksPrometheus, panel: Panel, window: Window) -> Curves:
    """Return the panel's series by their legends, a value each of the window's times."""
    found: Curves = {}
    for target in panel.targets:
        promql = query_of(panel, target, window).promql
        for series in source.query_range(promql, window.start, window.end, window.step):
            found[_named(target, series.labels)] = filled(series, window)
    return found


def answers(source: AsksPrometheus, panel: Panel, window: Window) -> list[list[Answer]]:
    """Return what each of the panel's queries gives at the window's end."""
    return [
        [
            Answer(_named(target, sample.labels), sample.labels, sample.value)
            for sample in _asked(source, panel, target, window)
        ]
        for target in panel.targets
    ]


def _asked(
    source: AsksPrometheus, panel: Panel, target: Target, window: Window
) -> Sequence[Sample]:
    return source.query(query_of(panel, target, window).promql, window.end)


def _named(target: Target, labels: dict[str, str]) -> str:
    return _LABEL.sub(lambda found: labels.get(found.group(1), ""), target.legend) or "value"
