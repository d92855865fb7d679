"""The gateway's tracer: every request belongs to a trace from the first hop on.

It continues a caller's `traceparent` or begins one, and hands it on. Spans are
exported only where a collector is configured (`PHAROS_OTLP_ENDPOINT`), and only
over plain HTTP, for one beside the stack; without one no trace is marked as
recorded.
Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/trace/v3/opentelemetry.proto
"""

from typing import Any
from urllib.parse import urlsplit

from backend.observability.spans import Collector

TRACER = "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig"
CLUSTER = "collector"
SERVICE = "pharos-gateway"
TIMEOUT = "3s"


def reachable(collector: Collector | None) -> Collector | None:
    """Return the collector if the gateway can speak to it itself."""
    return collector if collector and collector.endpoint.startswith("http:") else None


def tracing(collector: Collector | None) -> dict[str, Any]:
    """Return the connection manager's tracing; shares are percentages.

    The tracer wants an exporter, also where it has nothing to export: then its
    cluster has no endpoint.
    """
    target = collector.traces if collector else f"http://{CLUSTER}"
    uri = {"uri": target, "cluster": CLUSTER, "timeout": TIMEOUT}
    share = {"value": 100 * collector.ratio if collector else 0}
    return {
        "provider": {
            "name": "envoy.tracers.opentelemetry",
            "typed_config": {
                "@type": TRACER,
                "service_name": SERVICE,
                "http_service": {"http_uri": uri},
            },
        },
        "random_sampling": share,
        # What a caller asks for is kept in the trace, and must not cost us more than our share.
        "client_sampling": share,
    }


def collector_cluster(collector: Collector | None) -> dict[str, Any]:
    """Return the cluster of the collector; empty without one."""
    endpoints = []
    if collector is not None:
        url = urlsplit(collector.endpoint)
        address = {"address": url.hostname, "port_value": url.port or 80}
        endpoints = [{"endpoint": {"address": {"socket_address": address}}}]
    return {
        "name": CLUSTER,
        "type": "STRICT_DNS",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": CLUSTER,
            "endpoints": [{"lb_endpoints": endpoints}] if endpoints else [],
        },
    }
