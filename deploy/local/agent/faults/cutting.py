"""Cutting one replica off: it is left out of the gateway's endpoints while it lives."""

import time
from collections.abc import Sequence

from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm, Held
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.refusals import NotRunningError

CUT_OFF = "cut-off"
# A replica that has just got ready is in the file with the next poll.
SETTLE_SECONDS = 3.0


class CutOff:
    """`held` returns the leases that are to be in force now."""

    def __init__(self, board: Board, endpoints: Endpoints, held: Held) -> None:
        self._board = board
        self._endpoints = endpoints
        self._held = held
        self._absent_since: dict[str, float] = {}
        endpoints.leave_out(self._names)

    def claim(self, lease: Lease) -> str:
        return f"the endpoint of {lease.target}"

    def check(self, lease: Lease) -> None:
        """Refuse a replica that gets nothing anyway.

        Raises:
            NotRunningError: it is not ready.
        """
        if not self._board.ready(lease.target):
            raise NotRunningError(f"{lease.target} is not ready, so it gets nothing anyway")

    def make(self, lease: Lease, arm: Arm) -> Lease:  # noqa: ARG002
        self._endpoints.write()
        return lease

    def missing(self, lease: Lease) -> str:
        there = self._endpoints.has(lease.target)
        return f"{lease.target} is still among the gateway's endpoints" if there else ""

    def keep(self, lease: Lease) -> None:
        """The endpoint file is written with every poll of the replicas."""

    def undo(self, lease: Lease) -> None:  # noqa: ARG002
        self._endpoints.write()

    def left(self, lease: Lease) -> str:
        return self._absent(lease.target)

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return UNDO_SECONDS

    def words(self, lease: Lease) -> str:
        return self.missing(lease) or f"the gateway sends {lease.target} nothing"

    def residue(self, held: Sequence[Lease]) -> list[str]:  # noqa: ARG002
        """Name the replicas that serve and are not in the file, once they had time to get in."""
        now = time.monotonic()
        absent = {seat.id for seat in self._endpoints.serving() if self._absent(seat.id)}
        self._absent_since = {name: self._absent_since.get(name, now) for name in absent}
        return [
            f"{name} serves, and is not among the gateway's endpoints"
            for name, since in sorted(self._absent_since.items())
            if now - since > SETTLE_SECONDS
        ]

    def sweep(self, held: Sequence[Lease]) -> None:  # noqa: ARG002
        self._endpoints.write()

    def _names(self) -> list[str]:
        return [lease.target for lease in self._held() if lease.kind == CUT_OFF]

    def _absent(self, name: str) -> str:
        serves = name in {seat.id for seat in self._endpoints.serving()}
        if not serves or self._endpoints.has(name):
            return ""
        return f"{name} serves, and is not among the gateway's endpoints"
