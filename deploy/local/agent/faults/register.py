"""The leases that there are, in memory as on disk: changed on disk first."""

import threading
from dataclasses import dataclass
from pathlib import Path

from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.launch import uptime


@dataclass
class Entry:
    """A lease, and since when (seconds since boot) it is being taken back; `why` not yet."""

    lease: Lease
    ending_since: float | None = None
    why: str = ""
    told: bool = False

    @property
    def ending(self) -> bool:
        return self.ending_since is not None

    def end(self) -> None:
        if self.ending_since is None:
            self.ending_since = uptime()


class Register:
    """Changes are made under `lock`. Reading needs none: it takes what there is at that moment."""

    def __init__(self, store: LeaseStore) -> None:
        self._store = store
        self._entries: dict[str, Entry] = {}
        self.lock = threading.RLock()
        self.unreadable: list[Path] = []

    def load(self) -> None:
        """Take over what an agent before this one left.

        Nobody has had an answer about a lease whose fault was not made yet, so it ends.
        """
        found = self._store.load()
        self.unreadable = found.unreadable
        for lease in found.leases:
            self._entries[lease.id] = entry = Entry(lease)
            if not lease.made:
                entry.end()

    def entries(self) -> list[Entry]:
        return list(self._entries.values())

    def leases(self) -> list[Lease]:
        """Return every lease, those that are being taken back too."""
        return [entry.lease for entry in self.entries()]

    def in_force(self) -> list[Lease]:
        """Return the leases whose faults are to be there now."""
        return [entry.lease for entry in self.entries() if not entry.ending]

    def get(self, lease_id: str) -> Entry | None:
        return self._entries.get(lease_id)

    def put(self, lease: Lease) -> Entry:
        """Keep a lease, or another state of it: on disk when the call returns.

        Raises:
            OSError: the disk does not take it; nothing was changed.
        """
        with self.lock:
            self._store.save(lease)
            entry = self._entries.setdefault(lease.id, Entry(lease))
            entry.lease = lease
            return entry

    def holds(self, entry: Entry) -> bool:
        """Return whether it is there still: another one may bear its id by now."""
        return self._entries.get(entry.lease.id) is entry

    def remove(self, entry: Entry) -> bool:
        """Forget this entry, on disk first; returns False where it is gone already."""
        with self.lock:
            if not self.holds(entry):
                return False
            self._store.drop(entry.lease.id)
            del self._entries[entry.lease.id]
            return True

    def discard_unreadable(self) -> None:
        for path in self.unreadable:
            self._store.discard(path)
        self.unreadable = []
