"""What the agent last saw of each part; everything it answers comes from here."""

from collections.abc import Sequence

from deploy.driver import StackStatus
from deploy.home import Home
from deploy.local.component import Health
from deploy.local.status import build_status
from deploy.local.wanted import Seat, Wanted, read_wanted

# One missed poll may be a busy machine; two in a row are a replica that hangs.
TOLERATED_MISSES = 1


class Board:
    """The health of parts and replicas by name. Written by the polls, read by the API."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._health: dict[str, Health] = {}
        self._misses: dict[str, int] = {}

    @property
    def wanted(self) -> Wanted:
        """What the stack is asked to be, as it stands on disk now."""
        return read_wanted(self._home) or Wanted()

    def saw(self, name: str, health: Health) -> None:
        """Note an answer, or a refused connection."""
        self._misses.pop(name, None)
        self._health[name] = health

    def missed(self, name: str) -> None:
        """Note a poll that nobody answered in time."""
        self._misses[name] = self._misses.get(name, 0) + 1
        if self._misses[name] > TOLERATED_MISSES:
            self._health[name] = Health(ok=False, detail="does not answer in time")

    def ready(self, name: str) -> bool:
        health = self._health.get(name)
        return health is not None and health.ok

    def serving(self) -> list[Seat]:
        """Return the wanted seats whose replica wants traffic."""
        return [seat for seat in self.wanted.seats() if self.ready(seat.id)]

    def keep_only(self, names: Sequence[str]) -> None:
        """Forget parts that are gone, so that a later one starts without their past."""
        for name in set(self._health) - set(names):
            del self._health[name]
            self._misses.pop(name, None)

    def status(self) -> StackStatus:
        return build_status(self._home, self.wanted, self._health)
