"""PromQL from catalogue entries: a panel cannot name a metric or label that does not exist."""

from backend.observability.catalogue import TARGET_LABELS, Kind, Spec

# What dashboard-linter asks of every selector, so that the dashboard's variables apply.
TARGET = 'job=~"$job",instance=~"$instance"'
WINDOW = "$__rate_interval"

# Exposed by other programs; the names are held to the truth by the contract tests.
CPU = "process_cpu_seconds_total"
MEMORY = "process_resident_memory_bytes"
GATEWAY_RETRIES = "envoy_cluster_upstream_rq_retry"
QUEUE_MESSAGES = "rabbitmq_detailed_queue_messages"


class UnknownNameError(Exception):
    """A label was asked for that the metric does not have, or a part that its kind has not."""


def value(spec: Spec, aggregate: str = "sum", by: tuple[str, ...] = ()) -> str:
    """Return a gauge's values, aggregated by labels.

    Raises:
        UnknownNameError: not a gauge, or a label that it does not have.
    """
    _expect(spec, Kind.GAUGE, by)
    return f"{_aggregate(aggregate, by)} ({spec.name}{{{TARGET}}})"


def per_second(spec: Spec, by: tuple[str, ...] = (), where: str = "") -> str:
    """Return a counter's rate; `where` is a further matcher on one of its labels.

    Raises:
        UnknownNameError: not a counter, or a label that it does not have.
    """
    _expect(spec, Kind.COUNTER, by)
    matchers = f"{TARGET},{where}" if where else TARGET
    return f"{_aggregate('sum', by)} (rate({spec.name}{{{matchers}}}[{WINDOW}]))"


def quantile(spec: Spec, share: float, by: tuple[str, ...] = ()) -> str:
    """Return a histogram's quantile in its own unit.

    Raises:
        UnknownNameError: not a histogram, or a label that it does not have.
    """
    _expect(spec, Kind.HISTOGRAM, by)
    buckets = f"rate({spec.name}_bucket{{{TARGET}}}[{WINDOW}])"
    return f"histogram_quantile({share}, {_aggregate('sum', ('le', *by))} ({buckets}))"


def foreign(name: str, by: tuple[str, ...] = (), *, rate: bool = False, where: str = "") -> str:
    """Return the sum of another program's metric, as a rate if it is a counter."""
    matchers = f"{TARGET},{where}" if where else TARGET
    selector = f"{name}{{{matchers}}}"
    return f"{_aggregate('sum', by)} ({f'rate({selector}[{WINDOW}])' if rate else selector})"


def _expect(spec: Spec, kind: Kind, by: tuple[str, ...]) -> None:
    if spec.kind is not kind:
        raise UnknownNameError(f"{spec.name} is a {spec.kind}, not a {kind}")
    unknown = set(by) - {*TARGET_LABELS, *spec.label_names}
    if unknown:
        raise UnknownNameError(f"{spec.name} has no label {', '.join(sorted(unknown))}")


def _aggregate(name: str, by: tuple[str, ...]) -> str:
    return f"{name} by ({', '.join(by)})" if by else name
