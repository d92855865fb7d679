"""Faults under a lease: made at the node agent or inside a replica, renewed, and taken back.

Whoever dies, the lease ends where the fault is. A drill has not ended until
read-back shows that nothing is left there.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from backend.schemas.faults import DEFAULT_LEASE, Injection
from chaos.drill import Drill, activity, checked_by, current, undoing
from chaos.errors import ActivityError, BlindError, RefusedError
from chaos.facts import Held
from chaos.faults.renewing import Renewer
from chaos.faults.undoing import Left, read_back
from chaos.journal import utc_now
from chaos.places import INSIDE, OUTSIDE, FaultPlace, is_agents
from chaos.schemas import Kind
from chaos.targets import Target, find, find_each, not_as_before
from deploy.driver import DriverError
from deploy.faults import FaultClientError, FaultRefusedError, FaultsForbiddenError

# Done in one stroke: there is nothing to renew, and what ends it is that the target is back.
AT_ONCE = frozenset({"kill", "terminate"})
Problem = tuple[tuple[str, ...], str]


def _unfit(
    kind: str,
    target: str,
    arguments: dict[str, Any] | None = None,
    lease_seconds: float = DEFAULT_LEASE,
) -> Iterator[Problem]:
    """Yield what is wrong with the arguments of `inject`, each with its place."""
    try:
        _injection("check", kind, target, arguments or {}, lease_seconds)
    except ValidationError as error:
        for details in error.errors():
            inner = tuple(str(part) for part in details["loc"] if part not in (kind, "target"))
            yield inner, f"{details['input']!r} will not do: {details['msg'].lower()}"


@checked_by(_unfit)
@activity
def inject(
    kind: str,
    target: str,
    arguments: dict[str, Any] | None = None,
    lease_seconds: float = DEFAULT_LEASE,
) -> str:
    """Make a fault of `kind` and keep its lease alive; returns the fault's id.

    `target` is a role (one ready replica of it is picked at random, never the
    last one that serves) or a component. Its intent is in the journal before
    the deed.

    Raises:
        RefusedError: nobody else would serve, or a guard at the target refused.
        ActivityError: the fault was not made.
    """
    drill = current()
    return _inject(drill, kind, find(drill, target), arguments or {}, lease_seconds)


@checked_by(_unfit)
@activity
def inject_each(
    kind: str,
    target: str,
    arguments: dict[str, Any] | None = None,
    lease_seconds: float = DEFAULT_LEASE,
) -> list[str]:
    """Make a fault of `kind` at every ready replica of the role `target`; returns their ids.

    The last one that serves is spared by its place as ever, unless the
    experiment says `allow_last` among the arguments.

    Raises:
        RefusedError: no replica is ready, or a guard at one of them refused.
        ActivityError: one of them was not made; those before it are taken back in the end.
    """
    drill = current()
    return [
        _inject(drill, kind, chosen, arguments or {}, lease_seconds)
        for chosen in find_each(drill, target)
    ]


def _inject(
    drill: Drill, kind: str, chosen: Target, arguments: dict[str, Any], lease_seconds: float
) -> str:
    fault_id = f"{drill.run}-{len(drill.facts.held) + 1}"
    injection = _injection(fault_id, kind, chosen.name, arguments, lease_seconds)
    _note(drill, chosen)
    drill.journal.write(
        Kind.FAULT_INJECTING,
        f"About to inject {kind} at {chosen.name}",
        target=chosen.name,
        fault=injection.model_dump(mode="json"),
    )
    drill.abort.check()
    _make(drill, injection, chosen, kind)
    return fault_id


def _injection(
    fault_id: str, kind: str, target: str, arguments: dict[str, Any], lease_seconds: float
) -> Injection:
    asked = {
        "id": fault_id,
        "kind": kind,
        "target": target,
        "arguments": arguments,
        "lease_seconds": lease_seconds,
    }
    shapes = OUTSIDE if is_agents(kind, target) else INSIDE
    return shapes.validate_python(asked)


def _make(drill: Drill, injection: Injection, chosen: Target, kind: str) -> None:
    facts = drill.facts
    at, monotonic = utc_now(), time.monotonic()
    place = _place(drill, chosen, kind)
    held = Held(injection.id, kind, chosen.name, place)
    # Held before it is made: an answer that never comes may be of a fault that is there.
    facts.held.append(held)
    try:
        fault = place.inject(injection)
    except (FaultRefusedError, FaultsForbiddenError) as error:
        facts.held.remove(held)
        raise RefusedError(f"{chosen.name} refused: {error}") from error
    except FaultClientError as error:
        raise ActivityError(f"{kind} at {chosen.name} was not made: {error}") from error
    facts.begin_fault(at, monotonic)
    if kind not in AT_ONCE:
        renewer = Renewer(place, injection.id, injection.lease_seconds, drill.abort)
        held.renewing = renewer
        renewer.start()
    drill.journal.write(
        Kind.FAULT_INJECTED,
        f"Injected {kind} at {chosen.name}: {fault.detail}",
        target=chosen.name,
        fault=fault.model_dump(mode="json", include={"id", "kind", "arguments", "lease_seconds"}),
    )


def _place(drill: Drill, chosen: Target, kind: str) -> FaultPlace:
    try:
        if is_agents(kind, chosen.name) or chosen.replica is None:
            return drill.places.agent()
        return drill.places.replica(chosen.replica)
    except FileNotFoundError as error:
        raise ActivityError(f"the key of {chosen.name}'s fault port is missing: {error}") from error


def _note(drill: Drill, chosen: Target) -> None:
    facts = drill.facts
    facts.target, facts.pid_before = chosen.name, chosen.pid
    if chosen.replica is None:
        facts.component = chosen.name
        return
    facts.role = chosen.replica.role
    facts.desired_before = drill.driver.desired(chosen.replica.role)


@undoing
def revert() -> bool:
    """Take every fault of this drill back where it is; the fault's end is now.

    May be done in the method, to see what comes after the fault, and is done
    in any case before the read-back.

    Raises:
        ActivityError: one could not be taken back; its lease ends it all the same.
    """
    drill = current()
    failed = [words for held in drill.facts.held if (words := _take_back(drill, held))]
    if drill.facts.fault_at is not None:
        drill.facts.end_fault()
    if failed:
        raise ActivityError("; ".join(failed))
    return True


def _take_back(drill: Drill, held: Held) -> str:
    """Return why a fault is not taken back; empty where it is. One that is back is not asked."""
    if held.renewing is not None:
        held.renewing.stop()
    if held.reverted:
        return ""
    drill.facts.count_own(held)
    try:
        held.place.revert(held.fault_id)
    except FaultClientError as error:
        return f"{held.kind} at {held.target} was not taken back: {error}"
    held.reverted = True
    if held.kind not in AT_ONCE:
        drill.journal.write(
            Kind.FAULT_REVERTED, f"Took {held.kind} at {held.target} back", target=held.target
        )
    return ""


@undoing
def nothing_left(within: float) -> bool:
    """Take every fault of this drill back, and read back that nothing of it is left.

    Waits up to `within` seconds for it; runs in an aborted drill, too.

    Raises:
        BlindError: it could not be read back to the end.
    """
    drill = current()
    return read_back(drill, within, lambda: left_of(drill))


def left_of(drill: Drill) -> Left:
    """Take every fault of the drill back; returns what is left, or why that is not known."""
    with suppress(ActivityError):  # what is not taken back shows in what is read back
        revert()
    left: list[str] = []
    for held in drill.facts.held:
        try:
            seen = held.place.read_back()
        except FaultClientError as error:
            return BlindError(f"{held.target} cannot be read back: {error}")
        mine = [fault for fault in seen.faults if fault.id == held.fault_id]
        left += [f"{fault.kind} at {held.target} is {fault.state}" for fault in mine]
        left += seen.residue
    try:
        return [*dict.fromkeys(left), *not_as_before(drill, drill.driver.status())]
    except DriverError as error:
        return BlindError(str(error))
