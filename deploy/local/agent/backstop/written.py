"""The ends of those faults that only a living agent can end its own way.

A replica that was left out of a file is put back into it by one that polls nobody.
The agent writes these files from what it polls, and again once it lives; until then
they keep what was in them, with the replica added.
"""

from deploy.envoy.endpoints import endpoints_file, read_endpoints, write_endpoints
from deploy.home import Home
from deploy.local.agent.faults.leases import Lease
from deploy.local.aside import aside
from deploy.local.wanted import SEATS_BY_ID
from deploy.prometheus.targets import read_targets, targets_file, write_targets

HOST = "127.0.0.1"


class Listed:
    """The gateway's endpoints."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def undo(self, lease: Lease) -> None:
        path, port = endpoints_file(self._home), self._port(lease)
        there = read_endpoints(path)
        if port is not None and lease.target not in aside(self._home):
            write_endpoints(path, [*there, (HOST, port)])

    def left(self, lease: Lease) -> str:  # noqa: ARG002
        return ""

    def _port(self, lease: Lease) -> int | None:
        return SEATS_BY_ID[lease.target].traffic_port(self._home)


class WithTheAgent:
    """What the agent does itself as long as it lasts: it ended with it."""

    def undo(self, lease: Lease) -> None:
        """There is nothing to undo."""

    def left(self, lease: Lease) -> str:  # noqa: ARG002
        return ""


class Scraped:
    """Prometheus' targets."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def undo(self, lease: Lease) -> None:
        seat = SEATS_BY_ID[lease.target]
        path = targets_file(self._home, seat.role)
        write_targets(path, read_targets(path) | {seat.id: f"{HOST}:{seat.ops_port(self._home)}"})

    def left(self, lease: Lease) -> str:  # noqa: ARG002
        return ""
