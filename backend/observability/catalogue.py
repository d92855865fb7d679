"""The signal catalogue: every metric of every process of ours, declared once.

Metrics can only be made from these specs (`metrics.py`), and dashboards, rules,
the console and the reference take names and labels from here, so that none of
them can name a metric that does not exist. Units are base units (seconds,
bytes); a label's values are bounded, and `budget` is the most series that one
process may expose for the metric.
"""

from dataclasses import dataclass
from enum import StrEnum

# OpenTelemetry's advice for http.server.request.duration; 0.1 is also the latency objective.
LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
LOOP_LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
# The freshness objective is 5 s.
FRESHNESS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Process(StrEnum):
    """The processes of ours; also the Prometheus job of each that stays to be scraped.

    A drill does not: its exceptions are counted for the error reports alone.
    """

    API = "api"
    RELAY = "relay"
    WORKER = "worker"
    AGENT = "agent"
    CONTROL = "control"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Spec:
    """One metric: its exposed name, what it counts, and how far it may grow."""

    name: str
    kind: Kind
    help: str
    processes: frozenset[Process]
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    budget: int = 1


EVERYWHERE = frozenset(Process)
SERVES_HTTP = frozenset({Process.API, Process.CONTROL})
PRODUCT = frozenset({Process.API, Process.RELAY, Process.WORKER})
API, RELAY, WORKER = (
    frozenset({process}) for process in (Process.API, Process.RELAY, Process.WORKER)
)
AGENT, CONTROL = (frozenset({process}) for process in (Process.AGENT, Process.CONTROL))

BUILD_INFO = Spec(
    "pharos_build_info", Kind.GAUGE, "Always 1; the release is the label.", EVERYWHERE, ("version",)
)
READY = Spec("pharos_ready", Kind.GAUGE, "1 while the process wants traffic.", PRODUCT)
EXCEPTIONS = Spec(
    "pharos_exceptions_total",
    Kind.COUNTER,
    "Unhandled exceptions, each also reported to the error tracker where one is configured.",
    EVERYWHERE,
    ("kind",),
    budget=20,
)
LOOP_LAG = Spec(
    "pharos_event_loop_lag_seconds",
    Kind.HISTOGRAM,
    "How much later than asked a timer of the event loop fired.",
    PRODUCT,
    buckets=LOOP_LAG_BUCKETS,
    budget=14,
)

HTTP_REQUESTS = Spec(
    "pharos_http_requests_total",
    Kind.COUNTER,
    "Requests answered, by route template.",
    SERVES_HTTP,
    ("route", "method", "status"),
    budget=600,
)
HTTP_DURATION = Spec(
    "pharos_http_request_duration_seconds",
    Kind.HISTOGRAM,
    "Time from the request's first byte read to its answer's last byte written.",
    SERVES_HTTP,
    ("route", "method"),
    LATENCY_BUCKETS,
    budget=1200,
)
HTTP_IN_FLIGHT = Spec(
    "pharos_http_requests_in_flight", Kind.GAUGE, "Requests being answered now.", SERVES_HTTP
)

DB_POOL = Spec(
    "pharos_db_pool_connections",
    Kind.GAUGE,
    "Connections of the pool, by what they do now.",
    PRODUCT,
    ("state",),
    budget=2,
)
DB_POOL_LIMIT = Spec(
    "pharos_db_pool_limit", Kind.GAUGE, "Connections that the pool may open.", PRODUCT
)
CACHE_REQUESTS = Spec(
    "pharos_cache_requests_total",
    Kind.COUNTER,
    "Look-ups in the cache, by result (hit, miss, error).",
    API,
    ("result",),
    budget=3,
)
CACHE_INVALIDATIONS = Spec(
    "pharos_cache_invalidations_total",
    Kind.COUNTER,
    "Entries invalidated after a commit, by result (done, error).",
    API,
    ("result",),
    budget=2,
)
BREAKER_STATE = Spec(
    "pharos_breaker_state",
    Kind.GAUGE,
    "0 closed, 1 half open, 2 open.",
    PRODUCT,
    ("dependency",),
    budget=3,
)
BREAKER_TRANSITIONS = Spec(
    "pharos_breaker_transitions_total",
    Kind.COUNTER,
    "Changes of a breaker, by the state entered.",
    PRODUCT,
    ("dependency", "state"),
    budget=9,
)

EVENTS_ACCEPTED = Spec(
    "pharos_events_accepted_total",
    Kind.COUNTER,
    "Events written to the outbox (result new) or recognised as known (result repeat).",
    API,
    ("result",),
    budget=2,
)
OUTBOX_DEPTH = Spec("pharos_outbox_depth", Kind.GAUGE, "Outbox rows not published yet.", RELAY)
OUTBOX_AGE = Spec(
    "pharos_outbox_oldest_age_seconds",
    Kind.GAUGE,
    "Age of the oldest of them; 0 when there is none.",
    RELAY,
)
RELAY_PUBLISHED = Spec(
    "pharos_relay_published_total",
    Kind.COUNTER,
    "Messages handed to the broker, by outcome (acked, nacked, returned, lost).",
    RELAY,
    ("outcome",),
    budget=4,
)
RELAY_UNCONFIRMED = Spec(
    "pharos_relay_unconfirmed", Kind.GAUGE, "Messages sent and not confirmed yet.", RELAY
)
RELAY_CONFIRM_DURATION = Spec(
    "pharos_relay_confirm_duration_seconds",
    Kind.HISTOGRAM,
    "Time from publishing to the broker's confirm.",
    RELAY,
    buckets=LATENCY_BUCKETS,
    budget=17,
)
BROKER_CONNECTED = Spec(
    "pharos_broker_connected",
    Kind.GAUGE,
    "1 while the connection to the broker is open.",
    RELAY | WORKER,
)
CONSUMER_EVENTS = Spec(
    "pharos_consumer_events_total",
    Kind.COUNTER,
    "Deliveries handled, by outcome (applied, duplicate, deferred, retried, dead).",
    WORKER,
    ("consumer", "outcome"),
    budget=5,
)
CONSUMER_DURATION = Spec(
    "pharos_consumer_duration_seconds",
    Kind.HISTOGRAM,
    "Time to handle one delivery.",
    WORKER,
    ("consumer",),
    LATENCY_BUCKETS,
    budget=17,
)
EVENT_FRESHNESS = Spec(
    "pharos_event_freshness_seconds",
    Kind.HISTOGRAM,
    "Time from an event's acceptance to its place in the read model.",
    WORKER,
    ("consumer",),
    FRESHNESS_BUCKETS,
    budget=14,
)

REPLICAS_DESIRED = Spec(
    "pharos_replicas_desired", Kind.GAUGE, "Replicas wanted, by role.", AGENT, ("role",), budget=3
)
REPLICAS_READY = Spec(
    "pharos_replicas_ready",
    Kind.GAUGE,
    "Replicas that want traffic, by role.",
    AGENT,
    ("role",),
    budget=3,
)
COMPONENT_UP = Spec(
    "pharos_component_ready",
    Kind.GAUGE,
    "1 while the component's health check passes.",
    AGENT,
    ("component",),
    budget=32,
)
AGENT_ACTIONS = Spec(
    "pharos_agent_actions_total",
    Kind.COUNTER,
    "Process actions, by action and outcome (done, refused, failed).",
    AGENT,
    ("action", "outcome"),
    budget=24,
)
CONTROL_ACTIONS = Spec(
    "pharos_control_actions_total",
    Kind.COUNTER,
    "Actions asked of the control service, by action and outcome (done, refused, failed).",
    CONTROL,
    ("action", "outcome"),
    budget=40,
)
DRILLS_RUNNING = Spec("pharos_drills_running", Kind.GAUGE, "Drills running now.", CONTROL)
ALERTS_RECEIVED = Spec(
    "pharos_alert_notifications_total",
    Kind.COUNTER,
    "Alerts delivered by Alertmanager's webhook, by status (firing, resolved).",
    CONTROL,
    ("status",),
    budget=2,
)

CATALOGUE: tuple[Spec, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Spec)
)
