"""Follows a drill that another process runs: by the control service, or by its folder.

The runner owes the control service nothing, so a drill whose control service
died is still followed where the home is at hand.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from chaos.client import ControlAwayError, ControlClient
from chaos.journal import has_ended, read_journal, read_verdict
from chaos.runner.guards import running_drill
from chaos.schemas import Drill, DrillVerdict, JournalEntry
from deploy.home import Home

POLL = 0.3
GRACE = 10.0  # a run that was just asked for begins its journal within seconds

RUNNING, ENDED, INTERRUPTED = "running", "ended", "interrupted"


class LostSightError(Exception):
    """The drill can no longer be seen from here; it goes on all the same."""


@dataclass(slots=True)
class Following:
    """One drill as it goes. `home` is None where its folder is on another machine.

    Times are seconds: `patience` without a sight of it, `longest` in all (None: as long as it
    takes).
    """

    run: str
    client: ControlClient | None
    home: Home | None
    patience: float = 60.0
    longest: float | None = None
    state: str = RUNNING
    verdict: DrillVerdict | None = None
    _shown: int = field(default=0, init=False)
    _since: float = field(default_factory=time.monotonic, init=False)
    _begun: float = field(default_factory=time.monotonic, init=False)

    def entries(self) -> Iterator[JournalEntry]:
        """Yield the journal's lines as they are written, until the drill ended or was interrupted.

        Raises:
            LostSightError: neither its control service nor its folder could be read
                for `patience` seconds, or it has not ended after `longest`.
            ControlError: the control service does not show it.
        """
        while True:
            seen = self._look()
            yield from seen[self._shown :]
            self._shown = max(self._shown, len(seen))
            if self.state != RUNNING:
                return
            if self.longest is not None and time.monotonic() - self._begun > self.longest:
                raise LostSightError(f"drill {self.run} has not ended after {self.longest:g} s")
            time.sleep(POLL)

    def _look(self) -> list[JournalEntry]:
        why = "there is no token for its control service"
        try:
            if self.client is not None:
                return self._take(self.client.drill(self.run))
        except ControlAwayError as error:
            why = str(error)
        if self.home is not None:
            return self._read_folder(self.home)
        if time.monotonic() - self._since > self.patience:
            raise LostSightError(f"lost sight of drill {self.run}, which goes on: {why}")
        return []

    def _take(self, drill: Drill) -> list[JournalEntry]:
        self._since = time.monotonic()
        self.state, self.verdict = drill.state, drill.verdict
        return drill.journal

    def _read_folder(self, home: Home) -> list[JournalEntry]:
        folder = home.drills / self.run
        runs = running_drill(home) == self.run  # asked first: its end may come in between
        try:
            entries = read_journal(folder)
        except FileNotFoundError:
            entries = []
        if has_ended(entries):
            self.state, self.verdict = ENDED, read_verdict(folder)
        elif not runs and time.monotonic() - self._since > GRACE:
            self.state = INTERRUPTED
        elif runs:
            self._since = time.monotonic()
        return entries
