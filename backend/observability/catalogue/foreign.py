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


def _unit(name: str) -> Unit:
    base = name.removesuffix("_total")
    return next((unit for unit in (Unit.SECONDS, Unit.BYTES) if base.endswith(unit)), Unit.NONE)


# Prometheus, of every target.
UP = Foreign("up", Kind.GAUGE, "1 while the target can be scraped.", EVERY_TARGET)

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

# Envoy. Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/
GATEWAY_RESPONSES = _counter(
    "gateway",
    "envoy_http_downstream_rq_xx",
    "Answers to clients, by class of status.",
    "envoy_http_conn_manager_prefix",
    "envoy_response_code_class",
)
GATEWAY_RETRIES = _counter(
    "gateway", "envoy_cluster_upstream_rq_retry", "Requests tried again.", "envoy_cluster_name"
)
GATEWAY_ENDPOINTS = _gauge(
    "gateway",
    "envoy_cluster_membership_healthy",
    "Endpoints that may be sent requests.",
    "envoy_cluster_name",
)
GATEWAY_EJECTED = _gauge(
    "gateway",
    "envoy_cluster_outlier_detection_ejections_active",
    "Endpoints that are ejected now.",
    "envoy_cluster_name",
)
GATEWAY_CERTIFICATE_DAYS = _gauge(
    "gateway",
    "envoy_server_days_until_first_cert_expiring",
    "Days until the first certificate that is served expires.",
)

# RabbitMQ's /metrics/detailed.
QUEUE_MESSAGES = _gauge(
    "rabbitmq", "rabbitmq_detailed_queue_messages", "Messages in a queue.", "queue", "vhost"
)
QUEUE_CONSUMERS = _gauge(
    "rabbitmq", "rabbitmq_detailed_queue_consumers", "Consumers of a queue.", "queue", "vhost"
)
