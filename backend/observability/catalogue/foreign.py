"""What other programs tell of themselves, as far as a panel, a rule or a page uses it.

Prometheus drops the rest of what these programs expose, and a contract test
holds the names and labels against the real ones.
"""

from backend.observability.catalogue.spec import Foreign, Kind, Unit

OURS = frozenset({"api", "relay", "worker", "agent", "control", "console"})
EVERY_TARGET: frozenset[str] = frozenset()
# What rules make of other series carries no target's labels of its own.
RULES = frozenset({"rules"})


def _gauge(job: str, name: str, help_: str, *labels: str) -> Foreign:
    return Foreign(name, Kind.GAUGE, help_, frozenset({job}), labels, _unit(name))


def _counter(job: str, name: str, help_: str, *labels: str) -> Foreign:
    return Foreign(name, Kind.COUNTER, help_, frozenset({job}), labels, _unit(name))


def _histogram(job: str, name: str, help_: str, *labels: str) -> Foreign:
    return Foreign(name, Kind.HISTOGRAM, help_, frozenset({job}), labels, _unit(name))


def _unit(name: str) -> Unit:
    base = name.removesuffix("_total")
    return next((unit for unit in (Unit.SECONDS, Unit.BYTES) if base.endswith(unit)), Unit.NONE)


# Prometheus, of every target.
UP = Foreign("up", Kind.GAUGE, "1 while the target can be scraped.", EVERY_TARGET)
SCRAPE_DURATION = Foreign(
    "scrape_duration_seconds",
    Kind.GAUGE,
    "Time of the last scrape.",
    EVERY_TARGET,
    (),
    Unit.SECONDS,
)
SCRAPE_SAMPLES = Foreign(
    "scrape_samples_post_metric_relabeling",
    Kind.GAUGE,
    "Samples of the last scrape that are kept.",
    EVERY_TARGET,
)

# Prometheus, of its own alerts; there is none before the first alert is pending.
ALERTS = Foreign(
    "ALERTS",
    Kind.GAUGE,
    "1 while an alert is pending or firing.",
    RULES,
    ("alertname", "alertstate", "severity"),
)

# prometheus_client's process collector, in every process of ours.
CPU = Foreign("process_cpu_seconds_total", Kind.COUNTER, "CPU time taken.", OURS, unit=Unit.SECONDS)
MEMORY = Foreign(
    "process_resident_memory_bytes", Kind.GAUGE, "Resident memory.", OURS, unit=Unit.BYTES
)
STARTED = Foreign(
    "process_start_time_seconds", Kind.GAUGE, "Start, in Unix time.", OURS, unit=Unit.SECONDS
)
OPEN_FILES = Foreign("process_open_fds", Kind.GAUGE, "Open file handles.", OURS)
MOST_FILES = Foreign("process_max_fds", Kind.GAUGE, "File handles allowed.", OURS)

# Envoy. Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/ (and
# http/http_conn_man/stats). Its histograms are in milliseconds, in 20 fixed buckets.
_CLUSTER, _MANAGER = "envoy_cluster_name", "envoy_http_conn_manager_prefix"

GATEWAY_RESPONSES = _counter(
    "gateway",
    "envoy_http_downstream_rq_xx",
    "Answers to clients, by class of status.",
    _MANAGER,
    "envoy_response_code_class",
)
GATEWAY_DURATION = _histogram(
    "gateway",
    "envoy_http_downstream_rq_time",
    "Time of a request as its client sees it, retries included, in milliseconds.",
    _MANAGER,
)
GATEWAY_CLIENTS = _gauge(
    "gateway", "envoy_http_downstream_cx_active", "Connections of clients.", _MANAGER
)
GATEWAY_ACTIVE = _gauge(
    "gateway", "envoy_http_downstream_rq_active", "Requests being answered now.", _MANAGER
)
UPSTREAM_ACTIVE = _gauge(
    "gateway", "envoy_cluster_upstream_rq_active", "Requests at the replicas now.", _CLUSTER
)
UPSTREAM_DURATION = _histogram(
    "gateway",
    "envoy_cluster_upstream_rq_time",
    "Time of one attempt at a replica, in milliseconds.",
    _CLUSTER,
)
UPSTREAM_CONNECT_FAILURES = _counter(
    "gateway", "envoy_cluster_upstream_cx_connect_fail", "Connections not made.", _CLUSTER
)
UPSTREAM_TIMEOUTS = _counter(
    "gateway", "envoy_cluster_upstream_rq_timeout", "Attempts that took too long.", _CLUSTER
)
UPSTREAM_OVERFLOWS = _counter(
    "gateway",
    "envoy_cluster_upstream_rq_pending_overflow",
    "Requests refused since too many were waiting for a connection.",
    _CLUSTER,
)
GATEWAY_RETRIES = _counter(
    "gateway", "envoy_cluster_upstream_rq_retry", "Requests tried again.", _CLUSTER
)
GATEWAY_RETRIES_REFUSED = _counter(
    "gateway",
    "envoy_cluster_upstream_rq_retry_overflow",
    "Requests not tried again, since the budget for retries was used up.",
    _CLUSTER,
)
GATEWAY_ENDPOINTS = _gauge(
    "gateway",
    "envoy_cluster_membership_healthy",
    "Endpoints that may be sent requests.",
    _CLUSTER,
)
GATEWAY_MEMBERS = _gauge(
    "gateway", "envoy_cluster_membership_total", "Endpoints known, healthy or not.", _CLUSTER
)
GATEWAY_EJECTED = _gauge(
    "gateway",
    "envoy_cluster_outlier_detection_ejections_active",
    "Endpoints that are ejected now.",
    _CLUSTER,
)
GATEWAY_CERTIFICATE_DAYS = _gauge(
    "gateway",
    "envoy_server_days_until_first_cert_expiring",
    "Days until the first certificate that is served expires; 4294967295 without one.",
)

# PostgreSQL, by postgres_exporter 0.11.
_DATABASE = ("datid", "datname", "server")

POSTGRES_UP = _gauge("postgres", "pg_up", "1 while the exporter can ask PostgreSQL.")
POSTGRES_CONNECTIONS = _gauge(
    "postgres",
    "pg_stat_activity_count",
    "Connections, by database and by what they do.",
    "datname",
    "server",
    "state",
)
POSTGRES_MAX_CONNECTIONS = _gauge(
    "postgres", "pg_settings_max_connections", "Connections allowed.", "server"
)
POSTGRES_COMMITS = _counter(
    "postgres", "pg_stat_database_xact_commit", "Transactions committed.", *_DATABASE
)
POSTGRES_ROLLBACKS = _counter(
    "postgres", "pg_stat_database_xact_rollback", "Transactions rolled back.", *_DATABASE
)
POSTGRES_BLOCKS_HIT = _counter(
    "postgres", "pg_stat_database_blks_hit", "Blocks found in PostgreSQL's cache.", *_DATABASE
)
POSTGRES_BLOCKS_READ = _counter(
    "postgres", "pg_stat_database_blks_read", "Blocks not found there.", *_DATABASE
)
POSTGRES_DEADLOCKS = _counter(
    "postgres", "pg_stat_database_deadlocks", "Deadlocks broken.", *_DATABASE
)
POSTGRES_LONGEST_TRANSACTION = Foreign(
    "pg_stat_activity_max_tx_duration",
    Kind.GAUGE,
    "Age of the oldest transaction, by what its connection does.",
    frozenset({"postgres"}),
    ("datname", "server", "state"),
    Unit.SECONDS,
)
POSTGRES_SIZE = _gauge(
    "postgres", "pg_database_size_bytes", "Size of a database on disk.", "datname", "server"
)

# Redis, by redis_exporter 1.45.
REDIS_UP = _gauge("redis", "redis_up", "1 while the exporter can ask Redis.")
REDIS_MEMORY = _gauge("redis", "redis_memory_used_bytes", "Memory that data takes.")
REDIS_MAX_MEMORY = _gauge("redis", "redis_memory_max_bytes", "Memory that data may take.")
REDIS_CLIENTS = _gauge("redis", "redis_connected_clients", "Connections of clients.")
REDIS_HITS = _counter("redis", "redis_keyspace_hits_total", "Keys asked for and found.")
REDIS_MISSES = _counter("redis", "redis_keyspace_misses_total", "Keys asked for and not found.")
REDIS_EVICTED = _counter("redis", "redis_evicted_keys_total", "Keys dropped for want of memory.")
REDIS_COMMANDS = _counter("redis", "redis_commands_processed_total", "Commands answered.")

# RabbitMQ 3.10: /metrics/detailed by queue, then /metrics of the whole node.
QUEUE_MESSAGES = _gauge(
    "rabbitmq", "rabbitmq_detailed_queue_messages", "Messages in a queue.", "queue", "vhost"
)
QUEUE_UNACKED = _gauge(
    "rabbitmq",
    "rabbitmq_detailed_queue_messages_unacked",
    "Messages that a consumer holds and has not answered for.",
    "queue",
    "vhost",
)
QUEUE_CONSUMERS = _gauge(
    "rabbitmq", "rabbitmq_detailed_queue_consumers", "Consumers of a queue.", "queue", "vhost"
)
RABBITMQ_CONNECTIONS = _gauge("rabbitmq", "rabbitmq_connections", "Connections of clients.")
RABBITMQ_MEMORY = _gauge("rabbitmq", "rabbitmq_process_resident_memory_bytes", "Memory used.")
RABBITMQ_MEMORY_LIMIT = _gauge(
    "rabbitmq", "rabbitmq_resident_memory_limit_bytes", "Memory from which publishers are held."
)
RABBITMQ_DISK_FREE = _gauge(
    "rabbitmq", "rabbitmq_disk_space_available_bytes", "Space left on the broker's disk."
)
RABBITMQ_DISK_LIMIT = _gauge(
    "rabbitmq",
    "rabbitmq_disk_space_available_limit_bytes",
    "Space below which publishers are held.",
)
RABBITMQ_RECEIVED = _counter(
    "rabbitmq",
    "rabbitmq_global_messages_received_total",
    "Messages received from publishers.",
    "protocol",
)
RABBITMQ_DELIVERED = _counter(
    "rabbitmq",
    "rabbitmq_global_messages_delivered_total",
    "Messages delivered to consumers.",
    "protocol",
    "queue_type",
)

# Prometheus 2.42 and Alertmanager 0.25, of themselves.
PROMETHEUS_SERIES = _gauge("prometheus", "prometheus_tsdb_head_series", "Series in memory.")
PROMETHEUS_RULE_FAILURES = _counter(
    "prometheus",
    "prometheus_rule_evaluation_failures_total",
    "Evaluations of a rule that failed.",
    "rule_group",
)
PROMETHEUS_QUEUE = _gauge(
    "prometheus",
    "prometheus_notifications_queue_length",
    "Alerts that wait to be handed to Alertmanager.",
)
PROMETHEUS_DROPPED = _counter(
    "prometheus", "prometheus_notifications_dropped_total", "Alerts that Alertmanager never got."
)
ALERTMANAGER_ALERTS = _gauge("alertmanager", "alertmanager_alerts", "Alerts held.", "state")
ALERTMANAGER_SENT = _counter(
    "alertmanager", "alertmanager_notifications_total", "Notifications tried.", "integration"
)
ALERTMANAGER_FAILED = _counter(
    "alertmanager",
    "alertmanager_notifications_failed_total",
    "Notifications that did not arrive.",
    "integration",
)
