"""Faults that are signals: kill, terminate and pause, each of all processes of one component."""

import signal
from collections.abc import Sequence

from deploy.faults.kinds import AGENT
from deploy.home import Home
from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.refusals import NobodyRestartsError, NotRunningError
from deploy.local.launch import uptime
from deploy.local.processes import Identity, StackProcess, alive, heads, send, stopped
from deploy.local.specs import stop_rules
from deploy.local.stopping import UNKNOWN, stack_processes
from deploy.local.supervisor import Supervisor

# A process that forks while it is being stopped is looked at again.
ROUNDS = 5
# A pause that pretends to be nobody's: see `stray`.
STRAY = "stray-stop"


def members(home: Home, name: str) -> list[StackProcess]:
    """Return the processes of a component, children included.

    Raises:
        NotRunningError: there is none.
    """
    found = [process for process in stack_processes(home) if process.component == name]
    if not found:
        raise NotRunningError(f"{name} does not run: `pharos status` says why")
    return found


def require_supervisor(home: Home) -> None:
    """Refuse to end what nobody would start again.

    Raises:
        NobodyRestartsError: the supervisor is dead.
    """
    if Supervisor(home).identity() is None:
        raise NobodyRestartsError("what ends now would stay so: run `pharos up` first")


class Kill:
    """SIGKILL, once; nothing is left to undo, since the supervisor starts it again."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def claim(self, lease: Lease) -> str:  # noqa: ARG002
        return ""

    def check(self, lease: Lease) -> None:  # noqa: ARG002
        require_supervisor(self._home)

    def make(self, lease: Lease, arm: Arm) -> Lease:
        # The agent cannot end before it has answered: its API does that afterwards.
        if lease.target == AGENT:
            return lease
        found = members(self._home, lease.target)
        lease = lease.holding(process.identity for process in found)
        arm(lease)
        self._send(found)
        return lease

    def _send(self, found: Sequence[StackProcess]) -> None:
        for process in found:
            send(process.identity, signal.SIGKILL)

    def missing(self, lease: Lease) -> str:  # noqa: ARG002
        return ""

    def keep(self, lease: Lease) -> None:
        """It happened once."""

    def undo(self, lease: Lease) -> None:
        """What was ended is started by the supervisor."""

    def left(self, lease: Lease) -> str:  # noqa: ARG002
        return ""

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return UNDO_SECONDS

    def words(self, lease: Lease) -> str:
        pids = ", ".join(str(identity.pid) for identity in lease.processes)
        whom = f"pid {pids}" if pids else lease.target
        return f"was done once to {whom}; the supervisor starts it again"

    def residue(self, held: Sequence[Lease]) -> list[str]:  # noqa: ARG002
        return []

    def sweep(self, held: Sequence[Lease]) -> None:
        """It leaves nothing."""


class Terminate(Kill):
    """The polite end, once: by the signal that the component's own stop uses.

    Whoever has not ended in the time that its stop may take is left in a state
    between running and ended, and is killed.
    """

    def make(self, lease: Lease, arm: Arm) -> Lease:
        asked = heads(members(self._home, lease.target))
        lease = lease.holding(asked)
        arm(lease)
        number = stop_rules(self._home).get(lease.target, UNKNOWN).signal
        for identity in asked:
            send(identity, number)
        return lease

    def undo(self, lease: Lease) -> None:
        if uptime() - lease.since > self.patience(lease):
            for identity in lease.processes:
                send(identity, signal.SIGKILL)

    def left(self, lease: Lease) -> str:
        ending = [str(identity.pid) for identity in lease.processes if alive(identity)]
        return f"pid {', '.join(ending)} was asked to end, and has not yet" if ending else ""

    def patience(self, lease: Lease) -> float:
        return stop_rules(self._home).get(lease.target, UNKNOWN).timeout


class Pause:
    """SIGSTOP to every process of a component; SIGCONT to exactly those at the end."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def claim(self, lease: Lease) -> str:
        return f"the processes of {lease.target}"

    def check(self, lease: Lease) -> None:
        members(self._home, lease.target)

    def make(self, lease: Lease, arm: Arm) -> Lease:
        for _ in range(ROUNDS):
            found = [process.identity for process in members(self._home, lease.target)]
            fresh = [identity for identity in found if identity not in lease.processes]
            if not fresh:
                break
            lease = lease.holding(fresh)
            arm(lease)
            for identity in fresh:
                send(identity, signal.SIGSTOP)
        return lease

    def missing(self, lease: Lease) -> str:
        running = [str(each.pid) for each in lease.processes if alive(each) and not stopped(each)]
        return f"pid {', '.join(running)} still runs" if running else ""

    def keep(self, lease: Lease) -> None:
        """What was stopped stays so; a process that was started since is another one."""

    def undo(self, lease: Lease) -> None:
        for identity in self._still(lease):
            send(identity, signal.SIGCONT)

    def left(self, lease: Lease) -> str:
        pids = [str(identity.pid) for identity in self._still(lease)]
        return f"pid {', '.join(pids)} is still stopped" if pids else ""

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return UNDO_SECONDS

    def words(self, lease: Lease) -> str:
        still = [identity for identity in lease.processes if stopped(identity)]
        return f"{len(still)} of {len(lease.held)} processes are stopped"

    def residue(self, held: Sequence[Lease]) -> list[str]:
        return [
            f"{process.component or 'a process'} (pid {process.identity.pid}) is stopped"
            for process in self._loose(held)
        ]

    def sweep(self, held: Sequence[Lease]) -> None:
        for process in self._loose(held):
            send(process.identity, signal.SIGCONT)

    def _still(self, lease: Lease) -> list[Identity]:
        """Return who is stopped: held ones, also when orphaned, and a child of the last moment."""
        found = {
            process.identity
            for process in stack_processes(self._home)
            if process.component == lease.target
        }
        return [identity for identity in {*lease.processes, *found} if stopped(identity)]

    def _loose(self, held: Sequence[Lease]) -> list[StackProcess]:
        known = {identity for lease in held if lease.kind != STRAY for identity in lease.processes}
        return [
            process
            for process in stack_processes(self._home)
            if stopped(process.identity) and process.identity not in known
        ]
