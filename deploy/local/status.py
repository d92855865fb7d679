"""How the stack is: one answer, whether the command line or the node agent computes it."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

from deploy.driver import Component, ComponentState, Replica, StackStatus, Urls
from deploy.home import Home
from deploy.local import extras
from deploy.local.aside import aside
from deploy.local.component import Health
from deploy.local.launch import uptime
from deploy.local.parts import SERVICE_NAMES, Parts, server_names
from deploy.local.processes import alive
from deploy.local.specs import read_record, running
from deploy.local.supervisor import NAME as SUPERVISOR
from deploy.local.supervisor import Supervisor
from deploy.local.wanted import ROLES, SEATS, Seat, Wanted, read_wanted
from deploy.ports import OFFSETS

Checks = Mapping[str, Callable[[], Health]]
WORKERS = 8
# A process that runs longer than this without being healthy is no longer starting.
STARTING_SECONDS = 30.0
SETTLING_SECONDS = 15.0
PAUSE = 0.3
WORST_FIRST = (
    ComponentState.BACKOFF,
    ComponentState.DEGRADED,
    ComponentState.STARTING,
    ComponentState.STOPPED,
)
NO_ANSWER = Health(ok=False, detail="not running")


def urls(home: Home, wanted: Wanted) -> Urls:
    """Return where the stack answers."""

    def at(name: str) -> str:
        return f"http://127.0.0.1:{home.ports[name]}"

    optional: dict[str, str] = {}
    for extra in extras.chosen(wanted.extras):
        optional |= extra.urls(home)
    return Urls(
        gateway=at("gateway"),
        console=at("console"),
        control=at("control"),
        prometheus=at("prometheus"),
        alertmanager=at("alertmanager"),
        **optional,
    )


def supervisor_check(home: Home) -> Callable[[], Health]:
    """Return a check that circus takes commands."""

    def check() -> Health:
        if Supervisor(home).answers():
            return Health(ok=True, version=version("circus"))
        return Health(ok=False, detail="does not answer: `pharos up` starts it afresh")

    return check


def server_and_service_checks(
    home: Home, wanted: Wanted, parts: Parts
) -> dict[str, Callable[[], Health]]:
    """Return the health check of every part that is no replica."""
    services = {part.name: part.health for part in parts.services(home)}
    return {SUPERVISOR: supervisor_check(home)} | dict(parts.checks(home, wanted)) | services


def status_now(home: Home, parts: Parts) -> StackStatus:
    """Ask everything now and return the answer: for when the node agent may be dead."""
    wanted = read_wanted(home) or Wanted()
    checks = server_and_service_checks(home, wanted, parts)
    for seat in occupied(home, wanted):
        checks[seat.id] = parts.replica(home, seat).health
    return build_status(home, wanted, check_now(home, checks))


def once_ready(
    ask: Callable[[], StackStatus], *, within: float = SETTLING_SECONDS, pause: float = PAUSE
) -> StackStatus:
    """Ask until every part is ready, at most so many seconds; return the last answer.

    Right after a start, a part that was well a moment ago may answer late once:
    those that start beside it take the cores.
    """
    deadline = time.monotonic() + within
    while not (found := ask()).ready and time.monotonic() < deadline:
        time.sleep(pause)
    return found


def occupied(home: Home, wanted: Wanted) -> list[Seat]:
    """Return the seats that are wanted, and those whose process has yet to go."""
    return [
        seat
        for seat in SEATS
        if seat.slot <= wanted.counts[seat.role] or running(home, seat.id) is not None
    ]


def check_now(home: Home, checks: Checks) -> dict[str, Health]:
    """Ask every part that runs, side by side; the slowest answer takes about a second."""
    living = [name for name in checks if running(home, name)]
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="health") as pool:
        answers = pool.map(lambda name: checks[name](), living)
        return dict(zip(living, answers, strict=True))


def state_of(home: Home, name: str, health: Health) -> ComponentState:
    """Return the one word for a part: what its process does, and what its check says."""
    record = read_record(home, name)
    if record is None:
        return ComponentState.STOPPED
    living = alive(record.identity)
    if living and health.ok:
        return ComponentState.READY
    if record.looping or (living and record.waiting):
        return ComponentState.BACKOFF
    if not living:
        return ComponentState.STOPPED
    young = uptime() - record.since < STARTING_SECONDS
    return ComponentState.STARTING if young else ComponentState.DEGRADED


def build_status(home: Home, wanted: Wanted, health: Mapping[str, Health]) -> StackStatus:
    """Put the status together from what the health checks last said."""
    replicas = [_replica(home, seat, health) for seat in occupied(home, wanted)]
    components = [
        *(_part(home, name, health) for name in (SUPERVISOR, *server_names(home, wanted))),
        *(_role(home, role, wanted, health, replicas) for role in ROLES),
        *(_part(home, name, health) for name in SERVICE_NAMES),
    ]
    return StackStatus(
        ready=all(part.state is ComponentState.READY for part in components),
        components=components,
        replicas=replicas,
        urls=urls(home, wanted),
    )


def _pid(home: Home, name: str) -> int | None:
    record = running(home, name)
    return record.identity.pid if record else None


def _part(home: Home, name: str, health: Mapping[str, Health]) -> Component:
    answer = health.get(name, NO_ANSWER)
    return Component(
        name=name,
        state=state_of(home, name, answer),
        pid=_pid(home, name),
        port=home.ports[name] if name in OFFSETS else None,
        version=answer.version,
    )


def _replica(home: Home, seat: Seat, health: Mapping[str, Health]) -> Replica:
    traffic = seat.traffic_port(home)
    answer = health.get(seat.id, NO_ANSWER)
    record = aside(home).get(seat.id)
    return Replica(
        id=seat.id,
        role=seat.role,
        pid=_pid(home, seat.id),
        address=f"127.0.0.1:{traffic}" if traffic else None,
        ops_address=f"127.0.0.1:{seat.ops_port(home)}",
        ready=state_of(home, seat.id, answer) is ComponentState.READY,
        aside=record.told(answer.in_flight) if record else None,
    )


def _role(
    home: Home,
    role: str,
    wanted: Wanted,
    health: Mapping[str, Health],
    replicas: Sequence[Replica],
) -> Component:
    seats = [seat.id for seat in wanted.seats() if seat.role == role]
    ready = [row.id for row in replicas if row.ready and row.id in seats]
    only = replicas_of(role, replicas)[0] if len(seats) == 1 else None
    port = only.address or only.ops_address if only else None
    return Component(
        name=role,
        state=_role_state(home, seats, ready, health),
        pid=only.pid if only else None,
        port=int(port.rpartition(":")[2]) if port else None,
        version=next((health[name].version for name in ready), None),
    )


def replicas_of(role: str, replicas: Sequence[Replica]) -> list[Replica]:
    return [row for row in replicas if row.role == role]


def _role_state(
    home: Home, seats: Sequence[str], ready: Sequence[str], health: Mapping[str, Health]
) -> ComponentState:
    if len(ready) == len(seats):
        return ComponentState.READY
    if ready:
        return ComponentState.DEGRADED
    states = {state_of(home, seat, health.get(seat, NO_ANSWER)) for seat in seats}
    return next(state for state in WORST_FIRST if state in states)
