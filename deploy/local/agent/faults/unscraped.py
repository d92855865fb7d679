"""Keeping one replica from Prometheus: it is left out of the scrape targets while it serves."""

from collections.abc import Sequence

from deploy.local.agent.board import Board
from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm, Held
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.refusals import NotRunningError
from deploy.local.agent.targets import ScrapeTargets

UNSCRAPED = "unscraped"


class Unscraped:
    """`held` returns the leases that are to be in force now.

    The file follows them with each poll of the replicas, five times a second, by
    the agent that lives then: nothing can be left behind in it for longer.
    """

    def __init__(self, board: Board, targets: ScrapeTargets, held: Held) -> None:
        self._board = board
        self._targets = targets
        self._held = held
        targets.leave_out(self._names)

    def claim(self, lease: Lease) -> str:
        return f"the scrapes of {lease.target}"

    def check(self, lease: Lease) -> None:
        """Refuse a replica that cannot be scraped anyway.

        Raises:
            NotRunningError: it is not ready.
        """
        if not self._board.ready(lease.target):
            raise NotRunningError(f"{lease.target} is not ready, so it tells nothing anyway")

    def make(self, lease: Lease, arm: Arm) -> Lease:  # noqa: ARG002
        return lease

    def missing(self, lease: Lease) -> str:
        there = self._targets.has(lease.target)
        return f"{lease.target} is still among Prometheus' targets" if there else ""

    def keep(self, lease: Lease) -> None:
        """The file is written with every poll of the replicas."""

    def undo(self, lease: Lease) -> None:
        """As above."""

    def left(self, lease: Lease) -> str:
        lacks = self._board.ready(lease.target) and not self._targets.has(lease.target)
        return f"{lease.target} is not yet among Prometheus' targets again" if lacks else ""

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return UNDO_SECONDS

    def words(self, lease: Lease) -> str:
        return self.missing(lease) or f"Prometheus does not know {lease.target}"

    def residue(self, held: Sequence[Lease]) -> list[str]:  # noqa: ARG002
        return []

    def sweep(self, held: Sequence[Lease]) -> None:
        """As above."""

    def _names(self) -> list[str]:
        return [lease.target for lease in self._held() if lease.kind == UNSCRAPED]
