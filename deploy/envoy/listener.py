"""The downstream side: what is accepted from outside, and what is taken off it."""

from pathlib import Path
from typing import Any

from backend.observability.spans import Collector
from deploy.envoy.access_log import access_logs
from deploy.envoy.cluster import BUFFER as CONNECTION_BUFFER
from deploy.envoy.replies import BODY_LIMIT_KIB, local_replies
from deploy.envoy.routes import routes
from deploy.envoy.runtime import FILTER as FAULT
from deploy.envoy.runtime import fault_filter
from deploy.envoy.tracing import reachable, tracing

MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
BUFFER = "envoy.extensions.filters.http.buffer.v3.Buffer"
ROUTER = "envoy.extensions.filters.http.router.v3.Router"

# An address that no caller has (RFC 5737): an empty list would mean the default,
# in which loopback and private addresses are internal.
NOBODY = "192.0.2.0"


def listener(
    name: str,
    address: tuple[str, int],
    manager: dict[str, Any],
    transport_socket: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a listener for HTTP/1.1 and HTTP/2; without a transport socket, in the clear."""
    host, port = address
    chain: dict[str, Any] = {"filters": [_filter("http", MANAGER, manager)]}
    if transport_socket is not None:
        chain["transport_socket"] = transport_socket
    return {
        "name": name,
        "address": {"socket_address": {"address": host, "port_value": port}},
        "per_connection_buffer_limit_bytes": CONNECTION_BUFFER,
        "filter_chains": [chain],
    }


def connection_manager(log: Path, collector: Collector | None) -> dict[str, Any]:
    """Return what every listener does with a request."""
    return {
        "stat_prefix": "gateway",
        "codec_type": "AUTO",
        "server_name": "pharos",
        "access_log": access_logs(log),
        "tracing": tracing(reachable(collector)),
        "local_reply_config": local_replies(),
        "route_config": _route_config(),
        "http_filters": [
            # The whole body first: a slow sender holds no replica, and a body
            # that is too large is refused before one has seen any of it.
            _filter(
                "envoy.filters.http.buffer", BUFFER, {"max_request_bytes": BODY_LIMIT_KIB * 1024}
            ),
            _filter("envoy.filters.http.fault", FAULT, fault_filter()),
            _filter("envoy.filters.http.router", ROUTER, {}),
        ],
        **_trust(),
        **_timeouts(),
    }


def _trust() -> dict[str, Any]:
    """Return what keeps callers from steering the gateway.

    No address is internal, so `x-envoy-*` headers of a request (which could ask
    for retries or timeouts) are taken off; a request id is kept when there is one.
    """
    return {
        "use_remote_address": True,
        "internal_address_config": {
            "cidr_ranges": [{"address_prefix": NOBODY, "prefix_len": 32}],
        },
        "preserve_external_request_id": True,
        "always_set_request_id_in_response": True,
        "generate_request_id": True,
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
    }


def _timeouts() -> dict[str, Any]:
    return {
        "request_headers_timeout": "10s",
        "request_timeout": "20s",
        "stream_idle_timeout": "30s",
        "common_http_protocol_options": {
            "idle_timeout": "120s",
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
    }


def _route_config() -> dict[str, Any]:
    host = {
        "name": "product",
        "domains": ["*"],
        "include_attempt_count_in_response": True,
        "routes": routes(),
    }
    return {"name": "product", "virtual_hosts": [host]}


def _filter(name: str, kind: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "typed_config": {"@type": f"type.googleapis.com/{kind}", **config}}
