"""Keeping a component down: its processes are killed, and its launcher waits until the deadline."""

import signal
from collections.abc import Sequence

from deploy.home import Home
from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.processes import members, require_supervisor
from deploy.local.holds import held_names, hold, holds, lift
from deploy.local.processes import send
from deploy.local.specs import running


class Down:
    """Holds with the launcher, whose own clock ends it: see `deploy.local.holds`."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def claim(self, lease: Lease) -> str:
        return f"the processes of {lease.target}"

    def check(self, lease: Lease) -> None:
        require_supervisor(self._home)
        members(self._home, lease.target)

    def make(self, lease: Lease, arm: Arm) -> Lease:
        lease = lease.holding(process.identity for process in members(self._home, lease.target))
        arm(lease)
        self.keep(lease)
        return lease

    def missing(self, lease: Lease) -> str:
        return f"{lease.target} still runs" if self._runs(lease.target) else ""

    def keep(self, lease: Lease) -> None:
        hold(self._home, lease.target, lease.deadline)
        if self._runs(lease.target):
            for process in members(self._home, lease.target):
                send(process.identity, signal.SIGKILL)

    def undo(self, lease: Lease) -> None:
        lift(self._home, lease.target)

    def left(self, lease: Lease) -> str:
        return f"{lease.target} is held down" if holds(self._home, lease.target) else ""

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return UNDO_SECONDS

    def words(self, lease: Lease) -> str:
        runs = self._runs(lease.target)
        return f"{lease.target} {'still runs' if runs else 'is held down by its launcher'}"

    def residue(self, held: Sequence[Lease]) -> list[str]:
        return [f"{name} is held down" for name in self._loose(held)]

    def sweep(self, held: Sequence[Lease]) -> None:
        for name in self._loose(held):
            lift(self._home, name)

    def _runs(self, name: str) -> bool:
        """Return whether its program runs: what waits is its launcher."""
        record = running(self._home, name)
        return record is not None and not record.waiting

    def _loose(self, held: Sequence[Lease]) -> list[str]:
        known = {lease.target for lease in held}
        return [name for name in held_names(self._home) if name not in known]
