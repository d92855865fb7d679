"""Are the replicas that are wanted there, and does the one that was hit come back?"""

import time

from chaos.drill import Drill, activity, current
from chaos.errors import NotRecoveredError
from chaos.journal import utc_now
from chaos.schemas import Kind
from deploy.driver import DriverError, Replica


@activity
def all_ready(role: str) -> bool:
    """Return whether as many replicas of `role` are ready as are wanted.

    Raises:
        DriverError: whatever runs the replicas cannot be asked.
    """
    drill = current()
    wanted = drill.driver.desired(role)
    ready = sum(row.ready for row in drill.driver.status().replicas if row.role == role)
    drill.facts.readings.append(f"{ready} of {wanted} {role} replicas ready")
    return ready == wanted


@activity
def serves_again(within: float) -> float:
    """Wait until the replica that was hit is ready as another process; returns the seconds it took.

    The seconds count from the fault. A driver that does not answer for a while
    is waited for: what the drill hit may be what the driver needs.

    Raises:
        NotRecoveredError: it is not within `within` seconds, or was never hit.
    """
    drill = current()
    facts = drill.facts
    if facts.fault_at is None:
        raise NotRecoveredError("nothing was injected, so there is nothing to recover from")
    drill.journal.write(
        Kind.RECOVERING, f"Waiting for {facts.target}, at most {within:g} s", target=facts.target
    )
    seen = "its driver never answered"
    for _ in drill.poll_until(within):
        try:
            replica = _target(drill)
        except DriverError as error:
            seen = str(error)
            continue
        if replica and replica.ready and replica.pid not in (None, facts.pid_before):
            return _recovered(drill, replica)
        seen = _state(replica, facts.pid_before)
    raise NotRecoveredError(f"{facts.target} did not serve again within {within:g} s: {seen}")


@activity
def settled(seconds: float) -> None:
    """Let `seconds` go by, so that the next look at a window sees only what came after recovery.

    Raises:
        AbortedError: the drill is aborted meanwhile.
    """
    current().abort.pause(seconds)


def _target(drill: Drill) -> Replica | None:
    rows = drill.driver.status().replicas
    return next((row for row in rows if row.id == drill.facts.target), None)


def _recovered(drill: Drill, replica: Replica) -> float:
    facts = drill.facts
    facts.recovered_at = utc_now()
    facts.recovery_seconds = round(time.monotonic() - facts.fault_monotonic, 3)
    facts.pid_after = replica.pid
    facts.recovery_words = f"served again after {facts.recovery_seconds:.1f} s"
    facts.end_fault()
    drill.journal.write(
        Kind.RECOVERED,
        f"{replica.id} serves again as process {replica.pid} after {facts.recovery_seconds:.1f} s",
        target=replica.id,
        pid=replica.pid,
        seconds=facts.recovery_seconds,
    )
    return facts.recovery_seconds


def _state(replica: Replica | None, pid_before: int | None) -> str:
    if replica is None:
        return "it is gone"
    if replica.pid == pid_before:
        return f"it still runs as process {pid_before}"
    return "it has no process" if replica.pid is None else f"process {replica.pid} is not ready"
