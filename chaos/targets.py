"""Whom a fault hits: one replica of a role, or a component; and whether it is as before."""

import secrets
from dataclasses import dataclass

from chaos.drill import Drill
from chaos.errors import RefusedError
from deploy.driver import ComponentState, Replica, StackStatus


@dataclass(frozen=True, slots=True)
class Target:
    """A replica or, without one, a component of that name."""

    name: str
    pid: int | None
    replica: Replica | None = None


def find(drill: Drill, wanted: str) -> Target:
    """Return one serving replica of the role `wanted`, picked at random, or the component.

    Raises:
        RefusedError: there is neither, or nobody else would serve.
        DriverError: whatever runs them cannot be asked.
    """
    status = drill.driver.status()
    rows = [row for row in status.replicas if row.role == wanted]
    if rows:
        chosen = _pick(wanted, [row for row in rows if row.serves])
        return Target(chosen.id, chosen.pid, chosen)
    part = next((part for part in status.components if part.name == wanted), None)
    if part is None:
        known = sorted({row.role for row in status.replicas} | {p.name for p in status.components})
        raise RefusedError(f"there is no {wanted} here: name one of {', '.join(known)}")
    return Target(part.name, part.pid)


def find_each(drill: Drill, role: str) -> list[Target]:
    """Return every serving replica of the role.

    Raises:
        RefusedError: there is none.
        DriverError: whatever runs them cannot be asked.
    """
    serving = [row for row in drill.driver.status().replicas if row.role == role and row.serves]
    if not serving:
        raise RefusedError(f"no {role} replica serves")
    return [Target(row.id, row.pid, row) for row in serving]


def _pick(role: str, serving: list[Replica]) -> Replica:
    """One that is put aside is nobody's loss, and shows nothing: it is neither hit nor counted."""
    if not serving:
        raise RefusedError(f"no {role} replica serves")
    chosen = secrets.choice(serving)
    # What serves requests has an address: its last replica is all that users have.
    if chosen.address is not None and len(serving) < 2:
        raise RefusedError(
            f"only 1 {role} replica serves, and the last one is never hit: "
            f"scale {role} to 2 or more, or release one that is put aside"
        )
    return chosen


def not_as_before(drill: Drill, status: StackStatus) -> list[str]:
    """Return in words what of the drill's target is, by that status, not as before the fault.

    Raises:
        DriverError: whatever runs it cannot be asked.
    """
    facts = drill.facts
    if facts.component is not None:
        states = {part.name: part.state for part in status.components}
        state = states.get(facts.component)
        return [] if state is ComponentState.READY else [f"{facts.component} is {state or 'gone'}"]
    if facts.role is None:
        return []
    rows = [row for row in status.replicas if row.role == facts.role]
    left = [f"{row.id} is not ready" for row in rows if not row.ready]
    if facts.desired_before not in (None, drill.driver.desired(facts.role)):
        left.append(f"another number of {facts.role} replicas is wanted than before")
    return left
