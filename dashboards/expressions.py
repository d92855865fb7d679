"""PromQL from catalogue entries: a panel cannot name a metric or label that does not exist.

Ours (`Spec`), other programs' (`Foreign`) and what rules record (`Recorded`) are
asked for alike. Every selector of what is scraped follows the dashboard's
variables; what rules make of it (recorded series, ALERTS) carries no target, so
that the variables would find nothing.
"""

import re

from backend.observability.catalogue import RULES, TARGET_LABELS, Foreign, Kind, Recorded, Spec

Metric = Spec | Foreign | Recorded

# What dashboard-linter asks of every selector, so that the dashboard's variables apply.
TARGET = 'job=~"$job",instance=~"$instance"'
WINDOW = "$__rate_interval"

_MATCHER = re.compile(r'(\w+)(?:=~|!~|!=|=)"[^"]*"')


class UnknownNameError(Exception):
    """A label was asked for that the metric does not have, or a part that its kind has not."""


def value(metric: Metric, by: tuple[str, ...] = (), where: str = "", aggregate: str = "sum") -> str:
    """Return a gauge's values, aggregated by labels; `where` holds further matchers.

    Raises:
        UnknownNameError: not a gauge, or a label that it does not have.
    """
    _expect(metric, Kind.GAUGE, by)
    return f"{_aggregate(aggregate, by)} ({_selector(metric, where)})"


def per_second(metric: Metric, by: tuple[str, ...] = (), where: str = "") -> str:
    """Return a counter's rate; raises as `value` does for what is no counter."""
    _expect(metric, Kind.COUNTER, by)
    return f"{_aggregate('sum', by)} (rate({_selector(metric, where)}[{WINDOW}]))"


def increase(metric: Metric, by: tuple[str, ...] = (), where: str = "") -> str:
    """Return by how much a counter grew in the dashboard's time range; raises as `per_second`."""
    _expect(metric, Kind.COUNTER, by)
    return f"{_aggregate('sum', by)} (increase({_selector(metric, where)}[$__range]))"


def quantile(metric: Metric, share: float, by: tuple[str, ...] = (), where: str = "") -> str:
    """Return a histogram's quantile in its own unit.

    Raises:
        UnknownNameError: not a histogram, or a label that it does not have.
    """
    return f"histogram_quantile({share}, {buckets(metric, by, where)})"


def buckets(metric: Metric, by: tuple[str, ...] = (), where: str = "") -> str:
    """Return a histogram's observations a second by bucket (`le`); raises as `quantile` does."""
    _expect(metric, Kind.HISTOGRAM, by)
    selector = _selector(metric, where, "_bucket")
    return f"{_aggregate('sum', ('le', *by))} (rate({selector}[{WINDOW}]))"


def spent(metric: Metric, by: tuple[str, ...] = (), where: str = "") -> str:
    """Return what a histogram's observations add up to a second; raises as `quantile` does."""
    _expect(metric, Kind.HISTOGRAM, by)
    return f"{_aggregate('sum', by)} (rate({_selector(metric, where, '_sum')}[{WINDOW}]))"


def or_zero(rare: str, known: str) -> str:
    """Return `rare`, and zero where only `known` has series.

    What never happened has no series: the zero is claimed only while somebody measures.
    """
    return f"({rare} or 0 * {known})"


def or_none(rare: str) -> str:
    """Return `rare`, and zero without it: for what Prometheus itself would know of."""
    return f"({rare} or vector(0))"


def _selector(metric: Metric, where: str, part: str = "") -> str:
    labels = {found.group(1) for found in _MATCHER.finditer(where)}
    if where and _MATCHER.sub("", where).strip(","):
        raise UnknownNameError(f"{where} is not a list of matchers")
    _known(metric, labels)
    matchers = ",".join(part for part in (TARGET if _scraped(metric) else "", where) if part)
    return f"{metric.name}{part}{{{matchers}}}"


def _scraped(metric: Metric) -> bool:
    if isinstance(metric, Foreign):
        return metric.jobs != RULES
    return isinstance(metric, Spec)


def _expect(metric: Metric, kind: Kind, by: tuple[str, ...]) -> None:
    if metric.kind is not kind:
        raise UnknownNameError(f"{metric.name} is a {metric.kind}, not a {kind}")
    _known(metric, set(by))


def _known(metric: Metric, labels: set[str]) -> None:
    unknown = labels - {*TARGET_LABELS, *metric.label_names}
    if unknown:
        raise UnknownNameError(f"{metric.name} has no label {', '.join(sorted(unknown))}")


def _aggregate(name: str, by: tuple[str, ...]) -> str:
    return f"{name} by ({', '.join(by)})" if by else name
