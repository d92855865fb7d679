"""What the agent keeps on disk of each fault, so that its end does not depend on the agent's life.

A lease is on disk before its fault is made. Its deadline is in seconds since boot,
by a clock that nobody sets, so a wall clock that jumps changes no lease; one of
another boot has nothing left to undo but files, and counts as expired.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from deploy.faults.kinds import AgentInjection, Kind
from deploy.home import Home
from deploy.local.launch import boot_id, uptime
from deploy.local.processes import Identity

SUFFIX = ".json"
UNFINISHED = ".fresh"


class Lease(BaseModel):
    """One fault: what was asked for, until when, and whom it holds.

    `made` is False from arming until the fault is made: whoever asked has had no
    answer before. `since` and `deadline` are in seconds since the boot `boot`; `held`
    are the processes (pid, start ticks) that the fault was done to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    kind: Kind
    target: str
    arguments: dict[str, Any]
    lease_seconds: float
    injected_at: datetime
    boot: str
    since: float
    deadline: float
    made: bool = False
    held: tuple[tuple[int, int], ...] = ()

    @classmethod
    def armed(cls, injection: AgentInjection) -> "Lease":
        """Return the lease that begins now."""
        now = uptime()
        return cls(
            id=injection.id,
            kind=injection.kind,
            target=injection.target,
            arguments=injection.arguments.model_dump(mode="json"),
            lease_seconds=injection.lease_seconds,
            injected_at=datetime.now(UTC),
            boot=boot_id(),
            since=now,
            deadline=now + injection.lease_seconds,
        )

    @property
    def left(self) -> float:
        """Seconds until it ends, 0 when it has; never more than the lease."""
        if self.boot != boot_id():
            return 0.0
        return min(max(self.deadline - uptime(), 0.0), self.lease_seconds)

    @property
    def processes(self) -> list[Identity]:
        return [Identity(pid, ticks) for pid, ticks in self.held]

    def same_content(self, other: "Lease") -> bool:
        """Return whether both ask for the same; for how long is no part of that."""
        return (self.kind, self.target, self.arguments) == (
            other.kind,
            other.target,
            other.arguments,
        )

    def renewed(self, seconds: float) -> "Lease":
        return self.model_copy(update={"lease_seconds": seconds, "deadline": uptime() + seconds})

    def holding(self, processes: Iterable[Identity]) -> "Lease":
        more = tuple((each.pid, each.ticks) for each in processes)
        return self.model_copy(update={"held": (*self.held, *more)})

    def done(self) -> "Lease":
        return self.model_copy(update={"made": True})


@dataclass(frozen=True, slots=True)
class Found:
    """What lies on disk: leases, and files that nobody can read."""

    leases: list[Lease]
    unreadable: list[Path]


class LeaseStore:
    """One file a lease; each change is on the disk itself when the call returns."""

    def __init__(self, home: Home) -> None:
        self._folder = home.leases

    def save(self, lease: Lease) -> None:
        """Write the lease, in one step.

        Raises:
            OSError: it could not be written, and the fault must not be made.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(lease.id)
        fresh = path.with_name(path.name + UNFINISHED)
        with fresh.open("w") as file:
            file.write(lease.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        self._sync()

    def drop(self, lease_id: str) -> None:
        self.discard(self._path(lease_id))

    def discard(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._sync()

    def peek(self) -> list[Lease]:
        """Return the leases that can be read, and change nothing: an agent may be writing."""
        leases = []
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            try:
                leases.append(Lease.model_validate(json.loads(path.read_text())))
            except (ValueError, OSError):
                # Gone just now, or for the agent to deal with.
                continue
        return leases

    def load(self) -> Found:
        """Read all; what was being written when the agent died was never armed, and is removed."""
        found = Found([], [])
        if not self._folder.exists():
            return found
        for path in sorted(self._folder.iterdir()):
            if path.name.endswith(UNFINISHED):
                path.unlink()
                continue
            try:
                found.leases.append(Lease.model_validate(json.loads(path.read_text())))
            except (ValueError, OSError):
                found.unreadable.append(path)
        return found

    def _path(self, lease_id: str) -> Path:
        return self._folder / f"{lease_id}{SUFFIX}"

    def _sync(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
