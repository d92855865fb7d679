"""Watches the halt switch through a whole game day."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from chaos.runner.halt import read_halt
from deploy.home import Home

POLL = 0.25


@dataclass
class Halts:
    """Remembers that the switch was thrown: re-arming leaves no trace of it in the home.

    It is the file that is looked at, which is there though the control service may be dead.
    """

    home: Home
    seen: bool = False
    poll: float = POLL
    _done: threading.Event = field(default_factory=threading.Event, init=False)

    def look(self) -> bool:
        """Return whether the switch is on, or was."""
        self.seen = self.seen or read_halt(self.home).on
        return self.seen

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look while the block runs, in a thread of its own."""
        thread = threading.Thread(target=self._watch, name="halts", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()

    def _watch(self) -> None:
        while not self.look() and not self._done.wait(self.poll):
            pass
