"""The Overview dashboard: is the product well, and if not, where to look."""

from backend.observability.catalogue import (
    CACHE_REQUESTS,
    CONSUMER_EVENTS,
    EVENT_FRESHNESS,
    EVENTS_ACCEPTED,
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    HTTP_REQUESTS,
    LOOP_LAG,
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    RELAY_PUBLISHED,
    REPLICAS_DESIRED,
    REPLICAS_READY,
)
from dashboards.expressions import (
    CPU,
    GATEWAY_RETRIES,
    MEMORY,
    QUEUE_MESSAGES,
    foreign,
    per_second,
    quantile,
    value,
)
from dashboards.model import Dashboard, Line, Panel, Row

# No failure has a series before the first one: the zero is added while there is traffic.
_ALL = per_second(HTTP_REQUESTS)
_5XX = per_second(HTTP_REQUESTS, where='status=~"5.."')
_FAILED = f"({_5XX} or 0 * {_ALL})"

REQUESTS = Row(
    "Requests",
    (
        Panel(
            "Requests by status",
            "Requests answered a second, by status code. The control service's own are among "
            "them: choose job api for the product's.",
            "reqps",
            (Line("{{status}}", per_second(HTTP_REQUESTS, ("status",))),),
            width=6,
        ),
        Panel(
            "Error ratio",
            "Share of requests that were answered with a status of 500 or above.",
            "percentunit",
            (Line("errors", f"{_FAILED} / {_ALL}"),),
            width=6,
        ),
        Panel(
            "Latency",
            "Time to answer, estimated within the histogram's buckets. The objective is 100 ms.",
            "s",
            tuple(
                Line(f"p{share * 100:.0f}", quantile(HTTP_DURATION, share))
                for share in (0.5, 0.95, 0.99)
            ),
            width=6,
        ),
        Panel(
            "Tried again by the gateway",
            "Attempts a second beyond a request's first: what clients would have seen fail.",
            "reqps",
            (
                Line(
                    "retries",
                    foreign(GATEWAY_RETRIES, rate=True, where='envoy_cluster_name="api"'),
                ),
            ),
            width=6,
        ),
    ),
)

REPLICAS = Row(
    "Replicas",
    (
        Panel(
            "Wanted and ready",
            "Replicas by role: asked for, and ready. A gap that stays pages as ReplicaDown.",
            "short",
            (
                Line("{{role}} wanted", value(REPLICAS_DESIRED, by=("role",))),
                Line("{{role}} ready", value(REPLICAS_READY, by=("role",))),
            ),
        ),
        Panel(
            "Latency by replica",
            "p99 of each replica: one that stands out is slow by itself, all together wait for "
            "what they share.",
            "s",
            (Line("{{instance}}", quantile(HTTP_DURATION, 0.99, ("instance",))),),
        ),
        Panel(
            "In flight",
            "Requests that each replica is answering now.",
            "short",
            (Line("{{instance}}", value(HTTP_IN_FLIGHT, by=("instance",))),),
        ),
        Panel(
            "CPU",
            "Share of one core that each process takes.",
            "percentunit",
            (Line("{{instance}}", foreign(CPU, ("instance",), rate=True)),),
        ),
        Panel(
            "Memory",
            "Resident memory of each process.",
            "bytes",
            (Line("{{instance}}", foreign(MEMORY, ("instance",))),),
        ),
        Panel(
            "Event loop lag",
            "How late timers of the event loop fire (p99): a blocked loop delays every request.",
            "s",
            (Line("{{instance}}", quantile(LOOP_LAG, 0.99, ("instance",))),),
        ),
    ),
)

EVENTS = Row(
    "Events",
    (
        Panel(
            "From acceptance to the read model",
            "Events a second at each station. Lines that part show where events wait.",
            "cps",
            (
                Line("accepted", per_second(EVENTS_ACCEPTED, where='result="new"')),
                Line("published", per_second(RELAY_PUBLISHED, where='outcome="acked"')),
                Line("applied", per_second(CONSUMER_EVENTS, where='outcome="applied"')),
            ),
        ),
        Panel(
            "Outbox depth",
            "Accepted events that are not published yet.",
            "short",
            (Line("events", value(OUTBOX_DEPTH, "max")),),
        ),
        Panel(
            "Outbox age",
            "Age of the oldest event that is not published. Above 30 s it pages as OutboxAgeing.",
            "s",
            (Line("oldest", value(OUTBOX_AGE, "max")),),
        ),
        Panel(
            "Freshness",
            "Time from an event's acceptance to its place in the read model (p99). The objective "
            "is 5 s.",
            "s",
            (Line("p99", quantile(EVENT_FRESHNESS, 0.99)),),
        ),
        Panel(
            "Messages in queues",
            "Messages by queue; those in a .dead queue failed for good and wait for a person.",
            "short",
            (Line("{{queue}}", foreign(QUEUE_MESSAGES, ("queue",))),),
        ),
        Panel(
            "Cache look-ups",
            "Look-ups a second by result: misses and errors are answered from PostgreSQL.",
            "ops",
            (Line("{{result}}", per_second(CACHE_REQUESTS, ("result",))),),
        ),
    ),
)

OVERVIEW = Dashboard(
    uid="pharos-overview",
    title="Pharos / Overview",
    description="Requests, replicas and events of a stack. Generated: edit dashboards/overview.py.",
    rows=(REQUESTS, REPLICAS, EVENTS),
)
