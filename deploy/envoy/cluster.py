"""The upstream side: where replicas are, when one is ejected, how many requests may wait."""

from pathlib import Path
from typing import Any

from deploy.envoy.endpoints import CLUSTER

HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
# Shorter than the five seconds after which a replica's server closes an idle
# connection: a request must not meet a connection that is just being closed.
UPSTREAM_IDLE = "4s"
LIMIT = 10_000
# How much of a body, either way, waits for who takes it slowly.
BUFFER = 1 << 20


def api_cluster(endpoints: Path) -> dict[str, Any]:
    """Return the cluster of api replicas, which follows the endpoint file."""
    source = {
        "path_config_source": {
            "path": str(endpoints),
            "watched_directory": {"path": str(endpoints.parent)},
        }
    }
    return {
        "name": CLUSTER,
        "type": "EDS",
        "eds_cluster_config": {"eds_config": source | {"resource_api_version": "V3"}},
        "connect_timeout": "1s",
        "lb_policy": "ROUND_ROBIN",
        "per_connection_buffer_limit_bytes": BUFFER,
        "common_lb_config": {"healthy_panic_threshold": {"value": 10}},
        "circuit_breakers": {"thresholds": [_thresholds()]},
        "outlier_detection": _ejection(),
        "typed_extension_protocol_options": {
            HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{HTTP_OPTIONS}",
                "explicit_http_config": {"http_protocol_options": {}},
                "common_http_protocol_options": {"idle_timeout": UPSTREAM_IDLE},
            }
        },
    }


def _thresholds() -> dict[str, Any]:
    """Return limits that only a runaway reaches: shedding load is the replicas' decision.

    Retries alone are held to a share of what is in flight: replicas that are
    merely too slow must not get every request several times.
    """
    names = ("max_connections", "max_pending_requests", "max_requests")
    budget = {"budget_percent": {"value": 25}, "min_retry_concurrency": 50}
    return dict.fromkeys(names, LIMIT) | {"retry_budget": budget}


def _ejection() -> dict[str, Any]:
    """Return ejection by what the gateway sees itself: refused, reset, timed out.

    A replica's own 503 says that a dependency is away, and says it on every
    replica at once: ejecting for it would take all of them out.
    """
    never = (
        "enforcing_consecutive_5xx",
        "enforcing_consecutive_gateway_failure",
        "enforcing_success_rate",
        "enforcing_failure_percentage",
        "enforcing_local_origin_success_rate",
        "enforcing_failure_percentage_local_origin",
    )
    return {
        "split_external_local_origin_errors": True,
        "consecutive_local_origin_failure": 3,
        "enforcing_consecutive_local_origin_failure": 100,
        "interval": "1s",
        "base_ejection_time": "2s",
        "max_ejection_time": "10s",
        "max_ejection_percent": 100,
        **dict.fromkeys(never, 0),
    }
