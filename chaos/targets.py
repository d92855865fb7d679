"""Whom a fault hits: one replica of a role, or a component; and whether it is as before."""

import secrets
from dataclasses import dataclass

from chaos.drill import Drill, RefusedError
from deploy.driver import ComponentState, Replica


@dataclass(frozen=True, slots=True)
class Target:
    """A replica or, without one, a component of that name."""

    name: str
    pid: int | None
    replica: Replica | None = None


def find(drill: Drill, wanted: str) -> Target:
    """Return one ready replica of the role `wanted`, picked at random, or the component.

    Raises:
        RefusedError: there is neither, or nobody else would serve.
        DriverError: whatever runs them cannot be asked.
    """
    status = drill.driver.status()
    rows = [row for row in status.replicas if row.role == wanted]
    if rows:
        return _replica(wanted, [row for row in rows if row.ready])
    part = next((part for part in status.components if part.name == wanted), None)
    if part is None:
        known = sorted({row.role for row in status.replicas} | {p.name for p in status.components})
        raise RefusedError(f"there is no {wanted} here: name one of {', '.join(known)}")
    return Target(part.name, part.pid)


def find_each(drill: Drill, role: str) -> list[Target]:
    """Return every ready replica of the role.

    Raises:
        RefusedError: there is none.
        DriverError: whatever runs them cannot be asked.
    """
    ready = [row for row in drill.driver.status().replicas if row.role == role and row.ready]
    if not ready:
        raise RefusedError(f"no {role} replica is ready")
    return [Target(row.id, row.pid, row) for row in ready]


def _replica(role: str, ready: list[Replica]) -> Target:
    if not ready:
        raise RefusedError(f"no {role} replica is ready")
    chosen = secrets.choice(ready)
    # What serves requests has an address: its last replica is all that users have.
    if chosen.address is not None and len(ready) < 2:
        raise RefusedError(
            f"only 1 {role} replica is ready, and the last one is never hit: "
            f"scale {role} to 2 or more first"
        )
    return Target(chosen.id, chosen.pid, chosen)


def not_as_before(drill: Drill) -> list[str]:
    """Return in words what of the drill's target is not as before the fault.

    Raises:
        DriverError: whatever runs it cannot be asked.
    """
    facts, status = drill.facts, drill.driver.status()
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
