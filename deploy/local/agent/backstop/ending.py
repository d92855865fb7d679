"""Takes back what has expired and is still on the disk: the agent did not come to it."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from backend.schemas.halting import HaltSwitch
from deploy.home import Home
from deploy.local.agent.backstop.standing import wanted
from deploy.local.agent.backstop.written import Listed, Scraped, WithTheAgent
from deploy.local.agent.faults.certificate import EndingCertificate
from deploy.local.agent.faults.dependency import DependencyFault
from deploy.local.agent.faults.down import Down
from deploy.local.agent.faults.gateway import GatewayFault
from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.agent.faults.poison import Poison
from deploy.local.agent.faults.processes import Kill, Pause, Terminate
from deploy.local.agent.faults.queues import Queues
from deploy.local.agent.faults.stray import StrayStop
from deploy.local.launch import boot_id, uptime

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
# An agent that lives is first: it looks ten times a second.
GRACE_SECONDS = 0.3


class Undo(Protocol):
    """The part of a `Deed` that an end takes."""

    def undo(self, lease: Lease) -> None: ...

    def left(self, lease: Lease) -> str: ...


class Backstop:
    """`step` may be called by one thread at a time."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._store = LeaseStore(home)
        self._halt = HaltSwitch(home.halt_file)
        self._held: list[Lease] = []
        self._undos = self._wire()
        # What was taken back, by id: the lease's deadline, since an id may come again.
        self._done: dict[str, float] = {}
        self._told: set[str] = set()

    def run(self) -> None:
        """End leases until none has been wanted for long."""
        while wanted(self._home) or self._store.peek():
            self.step()
            time.sleep(LOOK_SECONDS)

    def step(self) -> None:
        """Take back what is due now; what cannot be is tried again by the next step."""
        leases = self._store.peek()
        halted = bool(leases) and self._halt.seen()
        due = [lease for lease in leases if halted or _expired(lease)]
        self._held = [lease for lease in leases if lease not in due]
        for lease in due:
            if self._done.get(lease.id) != lease.deadline:
                self._end(lease)

    def _end(self, lease: Lease) -> None:
        undo = self._undos[lease.kind]
        try:
            undo.undo(lease)
            left = undo.left(lease)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again, with the others
            left = str(error) or type(error).__name__
        if left:
            self._tell_once(lease, left)
            return
        self._done[lease.id] = lease.deadline
        logger.info("A fault is gone without the agent", extra=_fields(lease, "reverted"))

    def _tell_once(self, lease: Lease, left: str) -> None:
        if lease.id not in self._told:
            self._told.add(lease.id)
            logger.warning("A fault is not gone yet: %s", left, extra=_fields(lease, "stuck"))

    def _wire(self) -> Mapping[str, Undo]:
        home = self._home
        gateway, kill, pause = GatewayFault(home, self._in_force), Kill(home), Pause(home)
        return {
            "kill": kill,
            "terminate": Terminate(home),
            "pause": pause,
            "stray-stop": StrayStop(home),
            "down": Down(home),
            "latency": gateway,
            "abort": gateway,
            "cut-off": Listed(home),
            "unscraped": Scraped(home),
            "dependency": DependencyFault(home),
            "certificate": EndingCertificate(home),
            "poison": Poison(Queues(home)),
            "flood": WithTheAgent(),
        }

    def _in_force(self) -> Sequence[Lease]:
        return self._held


def _expired(lease: Lease) -> bool:
    return lease.boot != boot_id() or uptime() - lease.deadline >= GRACE_SECONDS


def _fields(lease: Lease, action: str) -> dict[str, str]:
    return {
        "event.action": f"fault-{action}",
        "pharos.fault": lease.id,
        "pharos.component": lease.target,
    }
