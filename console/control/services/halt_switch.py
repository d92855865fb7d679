"""The halt switch: a file, so that it works whichever of console, CLI and runner is alive."""

import json
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from console.control.services.audit_log import Deed
from console.control.services.records import Records
from console.schemas import Halt

log = logging.getLogger(__name__)

# Under the 5 s that clients wait for an answer; a runner looks at the file each second.
WAIT_SECONDS = 4.0
LOOK_SECONDS = 0.1


class HaltSwitch:
    """`running` names the drills that run now."""

    def __init__(self, path: Path, records: Records, running: Callable[[], list[str]]) -> None:
        self._path = path
        self._records = records
        self._running = running

    def read(self) -> Halt:
        return read_halt(self._path)

    def halt(self, actor: str, reason: str) -> Halt:
        """Throw the switch, then wait a few seconds for the running drills to end.

        The file comes first: drills must stop even when nothing can be recorded.
        A switch that is on already stays as it was thrown.
        """
        already = self.read()
        if not already.on:
            self._throw(Halt(on=True, by=actor, reason=reason, since=self._records.clock()))
        left = self._wait()
        words = f"still ending: {', '.join(left)}" if left else "no drill runs"
        detail = f"was on already; {words}" if already.on else words
        deed = Deed(actor, "halt", "drills", reason)
        changed = deed.changing({"halted": already.on}, {"halted": True})
        self._records.audit.record(changed, "done", detail)
        return self.read()

    def rearm(self, actor: str, reason: str) -> Halt:
        """Take the switch back; drills may start again."""
        deed = Deed(actor, "rearm", "drills", reason)
        with self._records.audit.guarding(deed):
            was_on = self.read().on
            self._path.unlink(missing_ok=True)
        changed = deed.changing({"halted": was_on}, {"halted": False})
        words = "drills may start" if was_on else "was off"
        self._records.audit.record(changed, "done", words)
        return self.read()

    def _throw(self, halt: Halt) -> None:
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with fresh.open("w") as file:
            file.write(halt.model_dump_json(exclude={"on"}))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def _wait(self) -> list[str]:
        deadline = time.monotonic() + WAIT_SECONDS
        while (left := self._running()) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        return left


def read_halt(path: Path) -> Halt:
    """Return the switch; a file that cannot be read also means that it is on."""
    try:
        said = json.loads(path.read_text())
        return Halt(on=True, by=said["by"], reason=said["reason"], since=said["since"])
    except FileNotFoundError:
        return Halt(on=False)
    except (OSError, ValueError, LookupError, TypeError) as error:
        log.warning("%s cannot be read, which counts as halted: %s", path, error)
        return Halt(on=True)
