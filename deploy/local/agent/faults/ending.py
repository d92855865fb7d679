"""Ends leases: a thread of its own looks ten times a second, and tries until nothing is left."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping

from deploy.local.agent.faults.deed import UNDO_SECONDS, Deed
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.register import Entry, Register
from deploy.local.launch import uptime

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
# These are taken back first: others can be read back only from processes that run.
PROCESSES = ("pause", "stray-stop", "down", "kill", "terminate")
Report = Callable[[Exception], None]


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return them in the order in which they are taken back."""
    return sorted(entries, key=lambda entry: entry.lease.kind not in PROCESSES)


class Ending:
    """Expiry and undo. `step` may be called by anybody, `start` makes a thread call it."""

    def __init__(
        self,
        register: Register,
        deeds: Mapping[str, Deed],
        halted: Callable[[], bool],
        report: Report,
    ) -> None:
        self._register = register
        self._deeds = deeds
        self._halted = halted
        self._report = report
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="faults", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def step(self) -> None:
        """End what is due, hold what is not, and try again what is being taken back."""
        entries = self._register.entries()
        self._end_due(entries)
        ending = [entry for entry in entries if entry.ending]
        for entry in in_order(ending):
            self.take_back(entry)
        for entry in entries:
            if not entry.ending and entry.lease.made:
                self._hold(entry)

    def _end_due(self, entries: Iterable[Entry]) -> None:
        """Whoever halts also takes the faults back; the switch alone ends them, too."""
        held = [entry for entry in entries if not entry.ending]
        halted = bool(held) and self._halted()
        for entry in held:
            if entry.lease.left == 0:
                self._tell(entry, "expired", "A fault's lease has expired")
                entry.end()
            elif halted:
                self._tell(entry, "revert", "A fault is taken back: the halt switch is on")
                entry.end()

    def take_back(self, entry: Entry) -> bool:
        """Undo and look; returns whether nothing is left, and the lease with it."""
        deed = self._deeds[entry.lease.kind]
        try:
            with self._register.lock:
                if not self._register.holds(entry):
                    # Somebody else was first, and another fault may be where it was.
                    return True
                deed.undo(entry.lease)
            entry.why = deed.left(entry.lease)
            if not entry.why:
                if self._register.remove(entry):
                    self._tell(entry, "reverted", "A fault is gone")
                return True
        except Exception as error:  # noqa: BLE001
            # Whatever it is, the undo is tried again until it works.
            entry.why = str(error) or type(error).__name__
            self._report(error)
        if self.stuck(entry) and not entry.told:
            entry.told = True
            self._tell(entry, "stuck", f"A fault is not gone yet: {entry.why}", logging.ERROR)
        return False

    def stuck(self, entry: Entry) -> bool:
        """Return whether its undo takes longer than it should."""
        if entry.ending_since is None:
            return False
        return uptime() - entry.ending_since > self._patience(entry.lease)

    def _patience(self, lease: Lease) -> float:
        try:
            return self._deeds[lease.kind].patience(lease)
        except Exception as error:  # noqa: BLE001
            # Whose own cannot be told has what others have: the undo goes on, and is read back.
            self._report(error)
            return UNDO_SECONDS

    def _hold(self, entry: Entry) -> None:
        try:
            with self._register.lock:
                if not entry.ending:
                    self._deeds[entry.lease.kind].keep(entry.lease)
        except Exception as error:  # noqa: BLE001
            # One that cannot be held, its component gone for a moment, must not end the others.
            self._report(error)

    def _tell(self, entry: Entry, action: str, words: str, level: int = logging.INFO) -> None:
        fields = {
            "event.action": f"fault-{action}",
            "pharos.fault": entry.lease.id,
            "pharos.component": entry.lease.target,
        }
        logger.log(
            level, "%s (%s of %s)", words, entry.lease.kind, entry.lease.target, extra=fields
        )

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self.step()
            except Exception as error:  # noqa: BLE001
                # Without this thread no lease would end here any more.
                self._report(error)
