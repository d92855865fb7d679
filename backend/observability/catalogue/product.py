"""What the product tells: requests, pools, cache, breakers, and an event's whole way."""

from backend.observability.catalogue.processes import PRODUCT
from backend.observability.catalogue.spec import Kind, Label, Process, Spec, Unit

# OpenTelemetry's advice for http.server.request.duration; 0.1 is also the latency objective.
LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
# The freshness objective is 5 s.
FRESHNESS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

SERVES_HTTP = frozenset({Process.API, Process.CONTROL})
API, RELAY, WORKER = (
    frozenset({process}) for process in (Process.API, Process.RELAY, Process.WORKER)
)

ROUTE = Label("route", limit=60)
METHOD = Label("method", ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "_OTHER"))
STATUS = Label("status", limit=60)
DEPENDENCY = Label("dependency", ("postgres", "redis"))
CONSUMER = Label("consumer", ("activity",))
# The product's users name their types; beyond the limit they are counted together.
EVENT_TYPE = Label("type", limit=20)

HTTP_REQUESTS = Spec(
    "pharos_http_requests_total",
    Kind.COUNTER,
    "Requests answered, by route template.",
    SERVES_HTTP,
    (ROUTE, METHOD, STATUS),
    budget=600,
)
HTTP_DURATION = Spec(
    "pharos_http_request_duration_seconds",
    Kind.HISTOGRAM,
    "Time from the request's first byte read to its answer's last byte written.",
    SERVES_HTTP,
    (ROUTE, METHOD),
    LATENCY_BUCKETS,
    Unit.SECONDS,
    budget=1400,
)
HTTP_IN_FLIGHT = Spec(
    "pharos_http_requests_in_flight", Kind.GAUGE, "Requests being answered now.", SERVES_HTTP
)

DB_POOL = Spec(
    "pharos_db_pool_connections",
    Kind.GAUGE,
    "Connections of the pool, by what they do now.",
    PRODUCT,
    (Label("state", ("idle", "used")),),
)
DB_POOL_LIMIT = Spec(
    "pharos_db_pool_limit", Kind.GAUGE, "Connections that the pool may open.", PRODUCT
)
DB_ERRORS = Spec(
    "pharos_db_errors_total",
    Kind.COUNTER,
    "Statements that PostgreSQL did not serve: away (unreachable), or busy (no free connection, "
    "a lock, a slow statement).",
    PRODUCT,
    (Label("kind", ("away", "busy")),),
)
CACHE_REQUESTS = Spec(
    "pharos_cache_requests_total",
    Kind.COUNTER,
    "Look-ups in the cache, by result.",
    API,
    (Label("result", ("hit", "miss", "error")),),
)
CACHE_INVALIDATIONS = Spec(
    "pharos_cache_invalidations_total",
    Kind.COUNTER,
    "Entries invalidated after a commit, by result.",
    API,
    (Label("result", ("done", "error")),),
)
BREAKER_STATE = Spec(
    "pharos_breaker_state", Kind.GAUGE, "0 closed, 1 half open, 2 open.", API, (DEPENDENCY,)
)
BREAKER_TRANSITIONS = Spec(
    "pharos_breaker_transitions_total",
    Kind.COUNTER,
    "Changes of a breaker, by the state entered.",
    API,
    (DEPENDENCY, Label("state", ("closed", "half-open", "open"))),
)

EVENTS_ACCEPTED = Spec(
    "pharos_events_accepted_total",
    Kind.COUNTER,
    "Events written to the outbox (result new) or recognised as known (result repeat), by type.",
    API,
    (EVENT_TYPE, Label("result", ("new", "repeat"))),
)
OUTBOX_DEPTH = Spec("pharos_outbox_depth", Kind.GAUGE, "Outbox rows not published yet.", RELAY)
OUTBOX_AGE = Spec(
    "pharos_outbox_oldest_age_seconds",
    Kind.GAUGE,
    "Age of the oldest of them; 0 when there is none.",
    RELAY,
    unit=Unit.SECONDS,
)
RELAY_PUBLISHED = Spec(
    "pharos_relay_published_total",
    Kind.COUNTER,
    "Messages handed to the broker, by outcome.",
    RELAY,
    (Label("outcome", ("acked", "nacked", "returned", "lost")),),
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
    unit=Unit.SECONDS,
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
    "Deliveries handled, by the event's type and by outcome.",
    WORKER,
    (
        CONSUMER,
        EVENT_TYPE,
        Label("outcome", ("applied", "duplicate", "deferred", "retried", "dead")),
    ),
)
CONSUMER_DURATION = Spec(
    "pharos_consumer_duration_seconds",
    Kind.HISTOGRAM,
    "Time to handle one delivery.",
    WORKER,
    (CONSUMER,),
    LATENCY_BUCKETS,
    Unit.SECONDS,
)
EVENT_FRESHNESS = Spec(
    "pharos_event_freshness_seconds",
    Kind.HISTOGRAM,
    "Time from an event's acceptance to its place in the read model.",
    WORKER,
    (CONSUMER,),
    FRESHNESS_BUCKETS,
    Unit.SECONDS,
)
