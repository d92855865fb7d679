"""The endpoint file (EDS): which api replicas the gateway sends requests to."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.home import Home

CLUSTER = "api"
ASSIGNMENT = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"


def endpoints_file(home: Home) -> Path:
    """Return where the gateway reads its endpoints; it watches the file's folder."""
    return home.run / "envoy" / "endpoints.json"


def write_endpoints(path: Path, addresses: Sequence[tuple[str, int]]) -> None:
    """Replace the endpoints (host, port) in one rename; the same set is not written again.

    Raises:
        ValueError: the set is empty. The gateway must always have somewhere to
            send a request, even if nobody may be there: it then answers itself.
    """
    if not addresses:
        raise ValueError("the gateway's endpoints must not be empty")
    text = json.dumps({"resources": [assignment(addresses)]}, indent=1)
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # The watch sees renames into the folder; the fresh file must lie elsewhere,
    # since any file that appears there makes the gateway read again.
    fresh = path.parent.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(path)


def read_endpoints(path: Path) -> list[tuple[str, int]]:
    """Return the endpoints (host, port) that the file has now; none where there is no file."""
    try:
        resources = json.loads(path.read_text())["resources"]
    except FileNotFoundError:
        return []
    addresses = [
        endpoint["endpoint"]["address"]["socket_address"]
        for endpoint in resources[0]["endpoints"][0]["lb_endpoints"]
    ]
    return [(address["address"], address["port_value"]) for address in addresses]


def assignment(addresses: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """Return Envoy's ClusterLoadAssignment for the addresses."""
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}
        for host, port in sorted(set(addresses))
    ]
    return {
        "@type": ASSIGNMENT,
        "cluster_name": CLUSTER,
        "endpoints": [{"lb_endpoints": endpoints}],
    }
