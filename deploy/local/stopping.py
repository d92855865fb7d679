"""Ending a stack's processes: the polite signal to each part, in reverse order, then SIGKILL.

Works from what is on disk and in /proc alone, so it does not matter whether
circus lives, nor whether the programs can still be found.
"""

import signal
from collections.abc import Callable, Collection, Iterable
from itertools import groupby

from deploy.home import Home
from deploy.local.processes import StackProcess, command_of, find, heads, send, wait_gone
from deploy.local.specs import StopRule, recorded_identities, remove_spec, stop_rules
from deploy.local.supervisor import NAME as SUPERVISOR
from deploy.local.supervisor import Supervisor, SupervisorError

# For what is no component: a leftover without a spec.
UNKNOWN = StopRule(signal.SIGTERM, 5.0, 0)
# A drill takes back what it did, reads that back, and writes its verdict.
DRILL_SECONDS = 15.0
KILL_SECONDS = 5.0
# One more round finds what was being started while the first one looked.
KILL_ROUNDS = 2
HUNG_SECONDS = 5.0
Report = Callable[[str], None]


def stack_processes(home: Home) -> list[StackProcess]:
    return find(home.stack_id, recorded_identities(home))


def _of(home: Home, names: Collection[str]) -> list[StackProcess]:
    return [process for process in stack_processes(home) if process.component in names]


def end_components(home: Home, names: Iterable[str], report: Report) -> None:
    """End these components side by side: each its own signal, within its own time.

    circus must have been told to forget them, or it starts them again. What a
    component leaves behind of children is killed.
    """
    rules = stop_rules(home)
    wanted = {name: rules.get(name, UNKNOWN) for name in names}
    processes = _of(home, wanted)
    if not processes:
        return
    for name, rule in wanted.items():
        for identity in heads(process for process in processes if process.component == name):
            send(identity, rule.signal)
    longest = max(rule.timeout for rule in wanted.values())
    wait_gone([process.identity for process in processes], longest)
    for process in _of(home, wanted):
        report(f"{process.component} (pid {process.identity.pid}) did not end by itself: killed")
        send(process.identity, signal.SIGKILL)
    wait_gone([process.identity for process in _of(home, wanted)], KILL_SECONDS)


def stop(home: Home, names: Collection[str], report: Report) -> None:
    """Take these components from circus, end them in reverse order, and drop their specs.

    Raises:
        SupervisorError: circus lives and does not let go of them; nothing was ended.
    """
    supervisor = Supervisor(home)
    if supervisor.identity():
        for name in names:
            supervisor.forget(name)
    rules = stop_rules(home)
    ordered = sorted(names, key=lambda name: rules.get(name, UNKNOWN).rank, reverse=True)
    for _, group in groupby(ordered, key=lambda name: rules.get(name, UNKNOWN).rank):
        end_components(home, list(group), report)
    for name in names:
        remove_spec(home, name)


def stop_everything(home: Home, report: Report) -> int:
    """End every process of the stack, circus and unknown leftovers included.

    Returns how many processes there were. Works with circus dead or stopped.
    """
    supervisor = Supervisor(home)
    found = stack_processes(home)
    _end_drills(found)
    _end_if_hung(supervisor, report)
    names = {process.component for process in found if process.component} - {SUPERVISOR}
    stop(home, names | set(stop_rules(home)), report)
    _quit(supervisor, report)
    _end_leftovers(home, report)
    remove_spec(home, SUPERVISOR)
    return len(found)


def _end_drills(found: Iterable[StackProcess]) -> None:
    """End what runs beside the components while they still run: a drill has them to set right."""
    drills = [process for process in found if process.component is None]
    for identity in heads(drills):
        send(identity, signal.SIGTERM)
    wait_gone([process.identity for process in drills], DRILL_SECONDS)


def _end_leftovers(home: Home, report: Report) -> None:
    """End what is no component's: asked once, then killed until nothing is found."""
    leftovers = stack_processes(home)
    for process in leftovers:
        send(process.identity, UNKNOWN.signal)
    wait_gone([process.identity for process in leftovers], UNKNOWN.timeout)
    for _ in range(KILL_ROUNDS):
        leftovers = stack_processes(home)
        for process in leftovers:
            name = process.component or command_of(process.identity.pid)
            report(f"{name} (pid {process.identity.pid}) did not end by itself: killed")
            send(process.identity, signal.SIGKILL)
        wait_gone([process.identity for process in leftovers], KILL_SECONDS)


def _end_if_hung(supervisor: Supervisor, report: Report) -> None:
    """Kill a circus that takes no commands: it would start again what is ended."""
    identity = supervisor.identity()
    if identity is None or supervisor.answers(HUNG_SECONDS):
        return
    report(f"the supervisor (pid {identity.pid}) takes no commands: killed")
    send(identity, signal.SIGKILL)
    wait_gone([identity], KILL_SECONDS)


def _quit(supervisor: Supervisor, report: Report) -> None:
    try:
        supervisor.quit()
    except SupervisorError as error:
        report(str(error))
