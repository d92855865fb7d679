"""What every kind of fault can do; the keeper knows nothing else of them."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from deploy.local.agent.faults.leases import Lease

Arm = Callable[[Lease], object]
Held = Callable[[], Sequence[Lease]]

UNDO_SECONDS = 5.0


class Deed(Protocol):
    """One way to make faults. Calls are short.

    What changes something comes one at a time; `missing`, `left`, `patience`, `words` and
    `residue` come at any moment, also in the middle of such a call.
    """

    def claim(self, lease: Lease) -> str:
        """Return what no other lease may claim meanwhile; empty for what happens only once."""

    def check(self, lease: Lease) -> None:
        """Refuse what must not be done now.

        Raises:
            FaultError: says why, and what to do instead.
        """

    def make(self, lease: Lease, arm: Arm) -> Lease:
        """Do it, and return the lease with whom it holds: each was passed to `arm` before.

        Raises:
            FaultError: it cannot be done.
        """

    def missing(self, lease: Lease) -> str:
        """Say why it is not in effect yet; empty when it is. Blocks for a second at most."""

    def keep(self, lease: Lease) -> None:
        """Hold it as it is, whatever was started again meanwhile, until the lease's deadline."""

    def undo(self, lease: Lease) -> None:
        """Begin to take it back; called again until nothing is left."""

    def left(self, lease: Lease) -> str:
        """Say what is left of it; empty when nothing is. Blocks for a second at most."""

    def patience(self, lease: Lease) -> float:
        """Return how long an undo may take, in seconds."""

    def words(self, lease: Lease) -> str:
        """Say what it does at this moment."""

    def residue(self, held: Sequence[Lease]) -> list[str]:
        """Say what is there of this kind although none of these leases holds it."""

    def sweep(self, held: Sequence[Lease]) -> None:
        """Take back what none of these leases holds."""


@runtime_checkable
class Sending(Protocol):
    """A deed whose faults send requests that no user sent."""

    def own_requests(self, lease: Lease) -> int:
        """Return how many were answered as they should be since it began, or the agent did."""
