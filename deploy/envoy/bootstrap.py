"""Builds the gateway's whole configuration: one file, and the endpoint file that it watches."""

from typing import Any

from deploy.envoy.cluster import api_cluster
from deploy.envoy.endpoints import endpoints_file
from deploy.envoy.listener import gateway_listener
from deploy.home import Home

HOST = "127.0.0.1"
CONNECTIONS = 10_000
CONNECTION_LIMIT = (
    "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
)
# The administration port can stop the gateway; only what is read is let through.
ADMIN_PATHS = ("/stats/prometheus", "/server_info", "/ready", "/clusters")


def bootstrap(home: Home) -> dict[str, Any]:
    """Return Envoy's bootstrap for one stack."""
    ports = home.ports
    return {
        "node": {"id": f"pharos-{home.stack_id}", "cluster": "pharos"},
        "admin": _admin(ports["gateway-admin"]),
        "overload_manager": {"resource_monitors": [_connection_limit()]},
        "static_resources": {
            "listeners": [
                gateway_listener(HOST, ports["gateway"], home.logs / "gateway-access.log")
            ],
            "clusters": [api_cluster(endpoints_file(home))],
        },
    }


def _admin(port: int) -> dict[str, Any]:
    return {
        "address": {"socket_address": {"address": HOST, "port_value": port}},
        "allow_paths": [{"exact": path} for path in ADMIN_PATHS],
    }


def _connection_limit() -> dict[str, Any]:
    return {
        "name": "envoy.resource_monitors.global_downstream_max_connections",
        "typed_config": {
            "@type": f"type.googleapis.com/{CONNECTION_LIMIT}",
            "max_active_downstream_connections": CONNECTIONS,
        },
    }
