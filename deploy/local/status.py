"""How the stack is: one answer, whether the command line or the node agent computes it."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version

from deploy.driver import Component, ComponentState, Replica, StackStatus, Urls
from deploy.home import Home
from deploy.local import extras
from deploy.local.aside import aside
from deploy.local.component import Health
from deploy.local.launch import uptime
from deploy.local.parts import SERVICE_NAMES, Parts, server_names
from deploy.local.specs import LaunchRecord, Life, look_at, running
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a part's check said, and which process ran as it when it was asked; None for none."""

    health: Health
    asked: LaunchRecord | None

    def still(self, life: Life) -> Health:
        """Return it, unless another process has taken the part's place since."""
        return self.health if self.asked == life.running else NO_ANSWER


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


def check_now(home: Home, checks: Checks) -> dict[str, Answer]:
    """Ask every part, side by side; the slowest answer takes about a second."""

    def ask(name: str) -> Answer:
        asked = running(home, name)
        return Answer(checks[name]() if asked else NO_ANSWER, asked)

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="health") as pool:
        return dict(zip(checks, pool.map(ask, checks), strict=True))


def state_of(life: Life, health: Health) -> ComponentState:
    """Return the one word for a part: what its process does, and what its check says."""
    record = life.record
    if record is None:
        return ComponentState.STOPPED
    if life.living and health.ok:
        return ComponentState.READY
    if record.looping or (life.living and record.waiting):
        return ComponentState.BACKOFF
    if not life.living:
        return ComponentState.STOPPED
    young = uptime() - record.since < STARTING_SECONDS
    return ComponentState.STARTING if young else ComponentState.DEGRADED


@dataclass(frozen=True, slots=True)
class _Sight:
    """A part as one look found it: state, process and answer are of the same moment."""

    state: ComponentState
    pid: int | None
    health: Health


def build_status(home: Home, wanted: Wanted, answers: Mapping[str, Answer]) -> StackStatus:
    """Put the status together from what the health checks last said."""
    seats = {seat: _look(home, seat.id, answers) for seat in occupied(home, wanted)}
    servers = (SUPERVISOR, *server_names(home, wanted))
    components = [
        *(_part(home, name, _look(home, name, answers)) for name in servers),
        *(_role(home, role, wanted, seats) for role in ROLES),
        *(_part(home, name, _look(home, name, answers)) for name in SERVICE_NAMES),
    ]
    return StackStatus(
        ready=all(part.state is ComponentState.READY for part in components),
        components=components,
        replicas=[_replica(home, seat, seen) for seat, seen in seats.items()],
        urls=urls(home, wanted),
    )


def _look(home: Home, name: str, answers: Mapping[str, Answer]) -> _Sight:
    life, answer = look_at(home, name), answers.get(name)
    health = answer.still(life) if answer else NO_ANSWER
    process = life.running
    return _Sight(state_of(life, health), process.identity.pid if process else None, health)


def _part(home: Home, name: str, seen: _Sight) -> Component:
    return Component(
        name=name,
        state=seen.state,
        pid=seen.pid,
        port=home.ports[name] if name in OFFSETS else None,
        version=seen.health.version,
    )


def _replica(home: Home, seat: Seat, seen: _Sight) -> Replica:
    traffic = seat.traffic_port(home)
    record = aside(home).get(seat.id)
    return Replica(
        id=seat.id,
        role=seat.role,
        pid=seen.pid,
        address=f"127.0.0.1:{traffic}" if traffic else None,
        ops_address=f"127.0.0.1:{seat.ops_port(home)}",
        ready=seen.state is ComponentState.READY,
        aside=record.told(seen.health.in_flight) if record else None,
    )


def _role(home: Home, role: str, wanted: Wanted, sights: Mapping[Seat, _Sight]) -> Component:
    seats = [seat for seat in wanted.seats() if seat.role == role]
    seen = [sights[seat] for seat in seats]
    alone = len(seats) == 1
    return Component(
        name=role,
        state=_role_state([each.state for each in seen]),
        pid=seen[0].pid if alone else None,
        port=(seats[0].traffic_port(home) or seats[0].ops_port(home)) if alone else None,
        version=next((each.health.version for each in seen if each.health.ok), None),
    )


def _role_state(states: Sequence[ComponentState]) -> ComponentState:
    if all(state is ComponentState.READY for state in states):
        return ComponentState.READY
    if ComponentState.READY in states:
        return ComponentState.DEGRADED
    return next(state for state in WORST_FIRST if state in states)
