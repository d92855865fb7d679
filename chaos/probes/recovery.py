"""Is what the fault hit as before, once the fault is over?"""

import time

from chaos.drill import Drill, activity, current
from chaos.errors import NotRecoveredError
from chaos.journal import utc_now
from chaos.schemas import Kind
from chaos.targets import not_as_before
from deploy.driver import DriverError, StackStatus


@activity
def recovered(within: float) -> float:
    """Wait until the target is ready again; returns the seconds it took.

    They count from the fault's end or, where the fault happened at once, from
    the fault: then the target must also be there as another process. A driver
    that does not answer for a while is waited for.

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
            status = drill.driver.status()
            left = _missing(drill, status)
        except DriverError as error:
            seen = str(error)
            continue
        if not left:
            return _noted(drill, _pid(facts.target, status))
        seen = "; ".join(left)
    raise NotRecoveredError(f"{facts.target} was not well again within {within:g} s: {seen}")


def _missing(drill: Drill, status: StackStatus) -> list[str]:
    """Return what is not as before.

    One status has to say all of it: a killed process may show as ready until it is gone, and is
    no process until its successor is there.
    """
    facts = drill.facts
    left = not_as_before(drill, status)
    if facts.fault_ended_at is None:
        pid = _pid(facts.target, status)
        if pid is None:
            left.append(f"{facts.target} has no process")
        elif pid == facts.pid_before:
            left.append(f"{facts.target} still shows as process {pid}")
    return left


def _pid(target: str | None, status: StackStatus) -> int | None:
    pids = {part.name: part.pid for part in status.components}
    pids |= {row.id: row.pid for row in status.replicas}
    return pids.get(target or "")


def _noted(drill: Drill, pid: int | None) -> float:
    facts = drill.facts
    at_once = facts.fault_ended_at is None
    since = facts.injected_monotonic if at_once else facts.fault_ended_monotonic
    seconds = round(time.monotonic() - since, 3)
    facts.recovered_at, facts.recovery_seconds = utc_now(), seconds
    facts.pid_after = pid
    facts.end_fault()
    after = "" if at_once else " of the fault's end"
    facts.recovery_words = f"was well again within {seconds:.1f} s{after}"
    drill.journal.write(
        Kind.RECOVERED,
        f"{facts.target} {facts.recovery_words}",
        target=facts.target,
        pid=facts.pid_after,
        seconds=seconds,
    )
    return seconds
