"""What stands on a rehearsal's stage: a fault under a lease, at the place that makes it."""

from dataclasses import dataclass

from backend.schemas.faults import DEFAULT_LEASE, Injection, State
from chaos.places import INSIDE, OUTSIDE, FaultPlace, is_agents
from chaos.rehearsal.practices import Practice


@dataclass(frozen=True, slots=True)
class Leased:
    """A practice with the one process or component that it is for, and where it is made."""

    practice: Practice
    target: str
    place: FaultPlace
    fault_id: str

    @property
    def injection(self) -> Injection:
        asked = {
            "id": self.fault_id,
            "kind": self.practice.kind,
            "target": self.target,
            "arguments": self.practice.arguments,
            "lease_seconds": DEFAULT_LEASE,
        }
        outside = is_agents(self.practice.kind, self.practice.target)
        return (OUTSIDE if outside else INSIDE).validate_python(asked)

    def make(self) -> None:
        self.place.inject(self.injection)

    def is_there(self) -> bool:
        found = [fault for fault in self.place.read_back().faults if fault.id == self.fault_id]
        return bool(found) and found[0].state is State.ACTIVE

    def left(self) -> list[str]:
        seen = self.place.read_back()
        mine = [fault for fault in seen.faults if fault.id == self.fault_id]
        return [*(f"{fault.kind} is {fault.state}" for fault in mine), *seen.residue]

    def take_back(self) -> None:
        self.place.revert(self.fault_id)
