"""A deed in memory: what was made is a list, and it breaks as a test says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm
from deploy.local.agent.faults.leases import Lease


@dataclass(eq=False)
class FakeDeed:
    """`made` and `undone` are ids; `patient` says how long an undo may take, or raises."""

    made: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    stays: str = ""
    patient: Callable[[], float] = lambda: UNDO_SECONDS

    def claim(self, lease: Lease) -> str:
        return lease.target

    def check(self, lease: Lease) -> None:
        """It may always be done."""

    def make(self, lease: Lease, arm: Arm) -> Lease:
        arm(lease)
        self.made.append(lease.id)
        return lease

    def missing(self, lease: Lease) -> str:
        return "" if lease.id in self.made else "it was not made"

    def keep(self, lease: Lease) -> None:
        """It stays as it is."""

    def undo(self, lease: Lease) -> None:
        self.undone.append(lease.id)

    def left(self, lease: Lease) -> str:  # noqa: ARG002
        return self.stays

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return self.patient()

    def words(self, lease: Lease) -> str:
        return f"is done to {lease.target}"

    def residue(self, held: Sequence[Lease]) -> list[str]:  # noqa: ARG002
        return []

    def sweep(self, held: Sequence[Lease]) -> None:
        """It leaves nothing."""
