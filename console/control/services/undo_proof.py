"""Whether anything is left of a drill whose runner did not live to say so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.control.services.clock import Clock
from deploy.faults.inventory import HeldFault, Inventory

# A lease ends within a second where the fault is; an agent that died takes some to be back.
PATIENCE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a read-back found: `clean` is null where it could not be told to the end."""

    clean: bool | None
    words: str
    residue: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UndoProof:
    """Reads every place back. A fault's id begins with its run, as the chaos room makes them."""

    look: Callable[[], Inventory]
    clock: Clock

    def of(self, run: str, died: datetime) -> Proof | None:
        """Return what became of the faults of `run`; null while they may still go by themselves.

        They are waited for until the last lease is over, and `PATIENCE` more.
        """
        found = self.look()
        held = [fault for fault in found.faults if fault.id.startswith(f"{run}-")]
        left = [*_named(held), *found.residue]
        if not left and not found.unknown:
            return Proof(clean=True, words="nothing of it is left")
        if self.clock() < max([died, *(fault.expires_at for fault in held)]) + PATIENCE:
            return None
        if left:
            return Proof(clean=False, words=f"left: {'; '.join(left)}", residue=tuple(left))
        unseen = "; ".join(found.unknown)
        return Proof(clean=None, words=f"whether anything is left is not known: {unseen}")


def _named(held: Sequence[HeldFault]) -> list[str]:
    return [f"{fault.kind} at {fault.target or fault.place} ({fault.state})" for fault in held]
