"""Traffic on a rehearsal's stage: no lease holds it, it ends with the process that sends it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos.journal import read_journal
from chaos.rehearsal.practices import Practice
from chaos.schemas import Kind
from deploy.faults import FaultNotDoneError
from deploy.home import Home

COMMAND = (sys.executable, "-m", "chaos.rehearsal.sender")
START_PATIENCE = 30.0
END_PATIENCE = 5.0
LOOK_SECONDS = 0.02


@dataclass(slots=True)
class Sending:
    """A practice whose requests a process sends to the stack of `home`, as a drill's runner does.

    Used once; what the process has done so far stands in its journal.
    """

    practice: Practice
    home: Home
    _sender: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _room: TemporaryDirectory[str] = field(
        default_factory=lambda: TemporaryDirectory(prefix="pharos-rehearsal-"), init=False
    )

    @property
    def target(self) -> str:
        return self.practice.target

    def make(self) -> None:
        """Return once the first request is about to be sent.

        Raises:
            FaultNotDoneError: none will be.
        """
        self._sender = self._started()
        deadline = time.monotonic() + START_PATIENCE
        while not self._did(Kind.FAULT_INJECTED):
            if self._sender.poll() is not None:
                raise FaultNotDoneError(f"it sends nothing: {self._last_words()}")
            if time.monotonic() > deadline:
                raise FaultNotDoneError(f"it sends nothing after {START_PATIENCE:g} s")
            time.sleep(LOOK_SECONDS)

    def is_there(self) -> bool:
        return bool(self.left())

    def left(self) -> list[str]:
        gone = self._sender is None or self._sender.poll() is not None
        return [] if gone or self._did(Kind.FAULT_REVERTED) else [f"{self.practice.kind} is sent"]

    def take_back(self) -> None:
        """End the process, as its runner is asked to end by a signal; then without asking."""
        if self._sender is not None:
            self._sender.terminate()
            try:
                self._sender.wait(END_PATIENCE)
            except subprocess.TimeoutExpired:
                self._sender.kill()
                self._sender.wait()
        self._room.cleanup()

    @property
    def _folder(self) -> Path:
        return Path(self._room.name) / self.practice.kind

    @property
    def _said(self) -> Path:
        return Path(self._room.name) / "said"

    def _started(self) -> subprocess.Popen[bytes]:
        arguments = json.dumps(self.practice.arguments)
        stack = {
            "PHAROS_HOME": str(self.home.root),
            "PHAROS_PORT_BASE": str(self.home.ports.base),
        }
        with self._said.open("wb") as said:
            return subprocess.Popen(
                [*COMMAND, self.practice.kind, arguments, str(self._folder)],
                env=os.environ | stack,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def _did(self, kind: Kind) -> bool:
        try:
            return any(entry.kind == kind for entry in read_journal(self._folder))
        except FileNotFoundError:
            return False

    def _last_words(self) -> str:
        lines = self._said.read_text(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line), "it ended without a word")
