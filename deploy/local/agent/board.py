"""What the agent last saw of each part; everything it answers comes from here."""

from deploy.driver import StackStatus
from deploy.home import Home
from deploy.local.component import Health
from deploy.local.specs import LaunchRecord, running
from deploy.local.status import NO_ANSWER, build_status
from deploy.local.wanted import Seat, Wanted, read_wanted

# One missed poll may be a busy machine; two in a row are a replica that hangs.
TOLERATED_MISSES = 1


class Board:
    """The health of parts and replicas by name. Written by the polls, read by the API."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._health: dict[str, Health] = {}
        self._seen_of: dict[str, LaunchRecord | None] = {}
        self._misses: dict[str, int] = {}

    @property
    def wanted(self) -> Wanted:
        """What the stack is asked to be, as it stands on disk now."""
        return read_wanted(self._home) or Wanted()

    def saw(self, name: str, health: Health) -> None:
        """Note an answer, or a refused connection."""
        self._misses.pop(name, None)
        self._note(name, health)

    def missed(self, name: str) -> None:
        """Note a poll that nobody answered in time."""
        self._misses[name] = self._misses.get(name, 0) + 1
        if self._misses[name] > TOLERATED_MISSES:
            self._note(name, Health(ok=False, detail="does not answer in time"))

    def ready(self, name: str) -> bool:
        return self._current(name).ok

    def serving(self) -> list[Seat]:
        """Return the wanted seats whose replica wants traffic."""
        return [seat for seat in self.wanted.seats() if self.ready(seat.id)]

    def status(self) -> StackStatus:
        return build_status(
            self._home, self.wanted, {name: self._current(name) for name in self._health}
        )

    def _note(self, name: str, health: Health) -> None:
        self._health[name] = health
        self._seen_of[name] = running(self._home, name)

    def _current(self, name: str) -> Health:
        """Return the last answer, unless another process has taken the part's place since."""
        if name in self._health and self._seen_of[name] == running(self._home, name):
            return self._health[name]
        return NO_ANSWER
