"""Every PromQL expression of the console, built from the signal catalogue.

`_series` takes a catalogue entry, never a text, and refuses a label that the
entry does not have, so that no panel can name a metric that does not exist.
What other programs expose is listed in FOREIGN. Rates look back over 30 s:
fifteen scrapes of a local stack, short enough to see a fault begin.
"""

from dataclasses import dataclass

from backend.observability.catalogue import (
    CONSUMER_EVENTS,
    EVENT_FRESHNESS,
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    HTTP_REQUESTS,
    LOOP_LAG,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    RELAY_PUBLISHED,
    REPLICAS_READY,
    TARGET_LABELS,
    Kind,
    Spec,
)

RATE = "30s"

# Exposed by prometheus_client's process collector, and by RabbitMQ's /metrics/detailed.
CPU = "process_cpu_seconds_total"
MEMORY = "process_resident_memory_bytes"
STARTED = "process_start_time_seconds"
QUEUE_MESSAGES = "rabbitmq_detailed_queue_messages"
FOREIGN = {CPU, MEMORY, STARTED, QUEUE_MESSAGES}

API = '="api"'
PRODUCT = '=~"api|relay|worker"'
FAILED = '=~"5.."'
DEAD = '=~".+[.]dead"'
NOT_DEAD = '!~".+[.]dead"'


@dataclass(frozen=True, slots=True)
class Query:
    """An expression under the name that the page, its tooltip and the tests use for it."""

    name: str
    promql: str


def _series(spec: Spec, part: str = "", **matchers: str) -> str:
    """Return a selector of one catalogue metric; `part` is a histogram's `_bucket` or `_count`."""
    unknown = matchers.keys() - TARGET_LABELS - set(spec.label_names)
    if unknown:
        raise ValueError(f"{spec.name} has no label {', '.join(sorted(unknown))}")
    if part and spec.kind is not Kind.HISTOGRAM:
        raise ValueError(f"{spec.name} is no histogram and has no {part}")
    return _selector(spec.name + part, **matchers)


def _selector(name: str, **matchers: str) -> str:
    inside = ",".join(f"{label}{matcher}" for label, matcher in matchers.items())
    return f"{name}{{{inside}}}" if inside else name


def _rate(selector: str) -> str:
    return f"rate({selector}[{RATE}])"


def _quantile(spec: Spec, quantile: float, *by: str, **matchers: str) -> str:
    """Return seconds, estimated within the histogram's buckets; NaN while nothing was observed."""
    grouping = ", ".join(("le", *by))
    buckets = _rate(_series(spec, "_bucket", **matchers))
    return f"histogram_quantile({quantile}, sum by ({grouping}) ({buckets}))"


def _requests(**matchers: str) -> str:
    return _rate(_series(HTTP_REQUESTS, job=API, **matchers))


# No failure has a series of its own before the first one: `or` makes it a zero, but
# only while there is traffic to be right about.
_FAILED = f"(sum({_requests(status=FAILED)}) or 0 * sum({_requests()}))"

REQUESTS = Query("requests", f"sum({_requests()})")
ERROR_RATIO = Query("error_ratio", f"{_FAILED} / sum({_requests()})")
P50 = Query("p50", _quantile(HTTP_DURATION, 0.5, job=API))
P95 = Query("p95", _quantile(HTTP_DURATION, 0.95, job=API))
P99 = Query("p99", _quantile(HTTP_DURATION, 0.99, job=API))
IN_FLIGHT = Query("in_flight", f"sum({_series(HTTP_IN_FLIGHT, job=API)})")

REPLICA_REQUESTS = Query("replica_requests", f"sum by (instance) ({_requests()})")
REPLICA_ERRORS = Query(
    "replica_errors",
    f"sum by (instance) ({_requests(status=FAILED)}) or 0 * sum by (instance) ({_requests()})",
)
REPLICA_P50 = Query("replica_p50", _quantile(HTTP_DURATION, 0.5, "instance", job=API))
REPLICA_P95 = Query("replica_p95", _quantile(HTTP_DURATION, 0.95, "instance", job=API))
REPLICA_P99 = Query("replica_p99", _quantile(HTTP_DURATION, 0.99, "instance", job=API))
REPLICA_IN_FLIGHT = Query(
    "replica_in_flight", f"sum by (instance) ({_series(HTTP_IN_FLIGHT, job=API)})"
)
REPLICA_LOOP_LAG = Query("replica_loop_lag", _quantile(LOOP_LAG, 0.99, "instance", job=PRODUCT))
# Ratio of one core.
REPLICA_CPU = Query("replica_cpu", f"sum by (instance) ({_rate(_selector(CPU, job=PRODUCT))})")
REPLICA_MEMORY = Query("replica_memory", f"sum by (instance) ({_selector(MEMORY, job=PRODUCT)})")
REPLICA_STARTED = Query("replica_started", f"max by (instance) ({_selector(STARTED, job=PRODUCT)})")

OUTBOX_ROWS = Query("outbox_depth", f"max({_series(OUTBOX_DEPTH)})")
OUTBOX_OLDEST = Query("outbox_age", f"max({_series(OUTBOX_AGE)})")
FRESHNESS = Query("freshness", _quantile(EVENT_FRESHNESS, 0.99))
QUEUED = Query("queued", f"sum({_selector(QUEUE_MESSAGES, queue=NOT_DEAD)})")
DEAD_LETTERS = Query("dead_letters", f"sum({_selector(QUEUE_MESSAGES, queue=DEAD)})")
QUEUES = Query("queues", f"sum by (queue) ({_selector(QUEUE_MESSAGES)})")
PUBLISHED = Query("published", f"sum by (outcome) ({_rate(_series(RELAY_PUBLISHED))})")
CONSUMED = Query("consumed", f"sum by (outcome) ({_rate(_series(CONSUMER_EVENTS))})")

STATUS_CLASSES = Query(
    "status_classes",
    f'sum by (class) (label_replace({_requests()}, "class", "${{1}}xx", "status", "(.).."))',
)
READY_REPLICAS = Query("ready_replicas", f"sum by (role) ({_series(REPLICAS_READY)})")

QUERIES = tuple(value for value in list(globals().values()) if isinstance(value, Query))
