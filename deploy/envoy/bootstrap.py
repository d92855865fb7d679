"""Builds the gateway's whole configuration: one file, and those that it watches."""

from typing import Any

from backend.observability.spans import Collector
from deploy.envoy.access_log import access_log_file
from deploy.envoy.cluster import api_cluster
from deploy.envoy.endpoints import endpoints_file
from deploy.envoy.listener import connection_manager, listener
from deploy.envoy.runtime import layered_runtime, runtime_file
from deploy.envoy.tls import pair_file, transport_socket
from deploy.envoy.tracing import collector_cluster, reachable
from deploy.home import Home

HOST = "127.0.0.1"
CONNECTIONS = 10_000
CONNECTION_LIMIT = (
    "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
)
# Where a file log is opened anew, for whoever rotated it.
REOPEN_LOGS = "/reopen_logs"
# The administration port can stop the gateway; only what harms nothing is let through.
ADMIN_PATHS = ("/stats/prometheus", "/server_info", "/ready", "/clusters", "/runtime", REOPEN_LOGS)


def bootstrap(home: Home, collector: Collector | None = None) -> dict[str, Any]:
    """Return Envoy's bootstrap for one stack; its spans go to `collector`, if there is one."""
    ports = home.ports
    manager = connection_manager(access_log_file(home), collector)
    return {
        "node": {"id": f"pharos-{home.stack_id}", "cluster": "pharos"},
        "admin": _admin(ports["gateway-admin"]),
        "layered_runtime": layered_runtime(runtime_file(home)),
        "overload_manager": {"resource_monitors": [_connection_limit()]},
        "static_resources": {
            "listeners": [
                listener("gateway", (HOST, ports["gateway"]), manager),
                listener(
                    "gateway-tls",
                    (HOST, ports["gateway-tls"]),
                    manager,
                    transport_socket(pair_file(home)),
                ),
            ],
            "clusters": [
                api_cluster(endpoints_file(home)),
                collector_cluster(reachable(collector)),
            ],
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
