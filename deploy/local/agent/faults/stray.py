"""Processes that stand still although no lease is said to hold them, as after a `kill -STOP`.

It is there for what must find such a thing: they count as left behind all the
while, and yet the lease ends it.
"""

from collections.abc import Sequence

from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.processes import Pause


class StrayStop(Pause):
    """A pause that is no excuse for what it stopped: `Pause` tells of it as residue."""

    def words(self, lease: Lease) -> str:
        return f"{super().words(lease)}, as if by hand"

    def residue(self, held: Sequence[Lease]) -> list[str]:  # noqa: ARG002
        return []

    def sweep(self, held: Sequence[Lease]) -> None:
        """`Pause` lets go what no pause holds."""
