"""The proof that the replicas of a role are as before a kill: all there, and all given requests."""

import time

from chaos.drill import Drill, current, undoing
from chaos.errors import BlindError
from chaos.faults.leased import left_of
from chaos.faults.undoing import Left, read_back
from deploy.driver import DriverError


@undoing
def nothing_left(role: str, within: float) -> bool:
    """Take every fault of this drill back, and read back that all of `role` serves as before it.

    Waits up to `within` seconds for it; runs in an aborted drill, too. A killed process
    is started again by its supervisor: of that, there is only something to prove.

    Raises:
        BlindError: the replicas or the gateway could not be asked to the end.
    """
    drill, since = current(), time.time()
    return read_back(drill, within, lambda: _left(drill, role, since))


def _left(drill: Drill, role: str, since: float) -> Left:
    found = left_of(drill)
    if isinstance(found, BlindError):
        return found
    try:
        return [*found, *_missing(drill, role)] or _unserved(drill, role, since)
    except DriverError as error:
        return BlindError(str(error))
    except BlindError as error:
        return error


def _missing(drill: Drill, role: str) -> list[str]:
    desired, facts = drill.driver.desired(role), drill.facts
    rows = [row for row in drill.driver.status().replicas if row.role == role]
    residue = []
    killed = (facts.target, facts.pid_before)
    if facts.fault_at is not None and killed in [(row.id, row.pid) for row in rows]:
        residue.append(f"{facts.target} still shows as the killed process {facts.pid_before}")
    if len(rows) != desired:
        residue.append(f"{len(rows)} of {desired} replicas exist")
    return residue


def _unserved(drill: Drill, role: str, since: float) -> list[str]:
    desired = drill.driver.desired(role)
    serving = drill.traffic.endpoints(role, since)
    if serving == desired:
        return []
    return [f"the gateway sends requests to {serving} of {desired} {role} replicas"]
