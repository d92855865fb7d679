"""The halt switch: a file, so that it works whichever of console, CLI and runner is alive."""

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from console.control.errors import RefusedError, UnavailableError
from console.control.services.audit_log import Deed
from console.control.services.records import Records
from console.schemas import Halt, HaltThrown, Outcome
from deploy.faults.sweep import Swept

log = logging.getLogger(__name__)

# Under the 5 s that clients wait for an answer; a runner looks at the file each second.
WAIT_SECONDS = 4.0
LOOK_SECONDS = 0.1


class HaltSwitch:
    """`running` names the drills that run now; `sweep` takes every fault back, whoever made it."""

    def __init__(
        self,
        path: Path,
        records: Records,
        running: Callable[[], list[str]],
        sweep: Callable[[], Swept],
    ) -> None:
        self._path = path
        self._records = records
        self._running = running
        self._sweep = sweep
        self._changing = threading.Lock()

    def read(self) -> Halt:
        return read_halt(self._path)

    def halt(self, actor: str, reason: str, *, rehearsal: bool = False) -> HaltThrown:
        """Throw the switch, take every fault back, then wait for the running drills to end.

        The file comes first: drills must stop even when nothing can be recorded. A
        switch that is on already stays as it was thrown, unless that was a rehearsal.

        Raises:
            UnavailableError: the file cannot be written. What was injected is taken back all
                the same, but drills may start again, and one that runs was not told.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        deed = Deed(actor, "halt", "drills", reason)
        with self._changing:
            already = self.read()
            if not already.on or (already.rehearsal and not rehearsal):
                now = self._records.clock()
                thrown = Halt(on=True, by=actor, reason=reason, since=now, rehearsal=rehearsal)
                self._throw_or_sweep(deed, thrown)
        swept = self._sweep()
        left = self._wait(deadline)
        drills = f"still ending: {', '.join(left)}" if left else "no drill runs"
        before = "was on already; " if already.on else ""
        changed = deed.changing({"halted": already.on}, {"halted": True})
        outcome: Outcome = "failed" if swept.left else "done"
        self._records.audit.record(changed, outcome, f"{before}{swept.words}; {drills}")
        return HaltThrown(**self.read().model_dump(), swept=swept)

    def rearm(self, actor: str, reason: str, since: datetime | None = None) -> Halt:
        """Take the switch back; drills may start again.

        With `since`, only the halt that was thrown at that moment.

        Raises:
            RefusedError: another halt than that one is on.
        """
        deed = Deed(actor, "rearm", "drills", reason)
        with self._records.audit.guarding(deed), self._changing:
            halt = self.read()
            if since is not None and halt.on and halt.since != since:
                raise RefusedError(f"{halt.by or 'Somebody'} has halted since: {halt.reason}")
            self._path.unlink(missing_ok=True)
        changed = deed.changing({"halted": halt.on}, {"halted": False})
        words = "drills may start" if halt.on else "was off"
        self._records.audit.record(changed, "done", words)
        return self.read()

    def _throw_or_sweep(self, deed: Deed, halt: Halt) -> None:
        try:
            self._throw(halt)
        except OSError as error:
            log.exception("the halt file cannot be written")
            words = (
                f"The halt switch cannot be thrown: {self._path} cannot be written "
                f"({error.strerror}). Faults: {self._sweep().words}. Make room, and halt again."
            )
            self._records.audit.record(deed, "failed", words)
            raise UnavailableError(words) from error

    def _throw(self, halt: Halt) -> None:
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with fresh.open("w") as file:
            file.write(halt.model_dump_json(exclude={"on"}))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def _wait(self, deadline: float) -> list[str]:
        while (left := self._running()) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        return left


def read_halt(path: Path) -> Halt:
    """Return the switch; a file that cannot be read also means that it is on."""
    try:
        said = json.loads(path.read_text())
        return Halt(
            on=True,
            by=said["by"],
            reason=said["reason"],
            since=said["since"],
            rehearsal=said.get("rehearsal", False),
        )
    except FileNotFoundError:
        return Halt(on=False)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        log.warning("%s cannot be read, which counts as halted: %s", path, error)
        return Halt(on=True)
