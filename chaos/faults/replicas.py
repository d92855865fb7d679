"""Faults on replica processes, through the driver; and the proof that nothing is left of them."""

import time

from chaos.drill import BlindError, Drill, RefusedError, activity, current, undoing
from chaos.facts import Facts
from chaos.faults.undoing import undone
from chaos.journal import utc_now
from chaos.schemas import Kind
from chaos.targets import Target, find
from deploy.driver import DriverError, Replica, Signal, StaleTargetError, UnknownTargetError


@activity
def kill_one(role: str) -> str:
    """Kill one serving replica of `role` with SIGKILL, picked at random; returns its id.

    Its intent is in the journal before the deed, so that a runner killed in
    between leaves a trace of what may have been done.

    Raises:
        RefusedError: it would be the last that serves, or it restarted by itself just now.
        DriverError: the signal was not sent.
    """
    drill = current()
    target = find(drill, role)
    pid = _running_as(target)
    facts = drill.facts
    facts.role, facts.desired_before = role, drill.driver.desired(role)
    drill.journal.write(
        Kind.FAULT_INJECTING,
        f"About to kill {target.name}, process {pid}",
        target=target.name,
        pid=pid,
    )
    drill.abort.check()
    facts.target, facts.pid_before = target.name, pid
    at, monotonic = utc_now(), time.monotonic()
    try:
        drill.driver.signal(target.name, Signal.KILL, pid)
    except (StaleTargetError, UnknownTargetError) as error:
        raise RefusedError(f"{target.name} changed at the same moment: {error}") from error
    facts.begin_fault(at, monotonic)
    drill.journal.write(
        Kind.FAULT_INJECTED,
        f"Killed {target.name}, process {pid}, with SIGKILL",
        target=target.name,
        pid=pid,
        signal=Signal.KILL.value,
    )
    return target.name


@undoing
def nothing_left(role: str, within: float) -> bool:
    """Read back that all of `role` is as before the drill; waits up to `within` seconds for it.

    Runs in an aborted drill too. A killed process is restarted by its
    supervisor, so there is nothing to take back, only something to prove.

    Raises:
        DriverError, BlindError: the replicas or the gateway could not be asked to the end.
    """
    drill = current()
    if drill.facts.target is None:
        return undone(drill, "Nothing was injected, so nothing is left", [])
    since, deadline = time.time(), time.monotonic() + within
    while (found := _residue(drill, role, since)) and time.monotonic() < deadline:
        time.sleep(drill.poll_seconds)
    if isinstance(found, Exception):
        drill.journal.write(Kind.UNDO, f"Cannot be read back: {found}", clean=None, residue=[])
        raise found
    return undone(drill, f"Left: {'; '.join(found)}" if found else "Nothing is left", found)


def _running_as(target: Target) -> int:
    if target.pid is None:
        raise BlindError(f"the driver does not know the process of {target.name}")
    return target.pid


def _residue(drill: Drill, role: str, since: float) -> list[str] | DriverError | BlindError:
    """Return what is not as before the drill, or why that cannot be told."""
    try:
        desired = drill.driver.desired(role)
        rows = [row for row in drill.driver.status().replicas if row.role == role]
        residue = _not_as_before(drill.facts, rows, desired)
        if not residue and (serving := drill.traffic.endpoints(role, since)) != desired:
            residue.append(f"the gateway sends requests to {serving} of {desired} {role} replicas")
    except (DriverError, BlindError) as error:
        return error
    return residue


def _not_as_before(facts: Facts, rows: list[Replica], desired: int) -> list[str]:
    residue = [f"{row.id} is not ready" for row in rows if not row.ready]
    killed = (facts.target, facts.pid_before)
    if facts.fault_at is not None and killed in [(row.id, row.pid) for row in rows]:
        residue.append(f"{facts.target} still shows as the killed process {facts.pid_before}")
    if facts.desired_before not in (None, desired):
        residue.append(f"{desired} replicas are wanted, {facts.desired_before} were before")
    if len(rows) != desired:
        residue.append(f"{len(rows)} of {desired} replicas exist")
    return residue
