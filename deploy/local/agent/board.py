"""What the agent last saw of each part; everything it answers comes from here."""

from deploy.driver import StackStatus
from deploy.home import Home
from deploy.local.specs import look_at
from deploy.local.status import Answer, build_status
from deploy.local.wanted import Seat, Wanted, read_wanted

# One missed poll may be a busy machine; two in a row are a replica that hangs.
TOLERATED_MISSES = 1


class Board:
    """The health of parts and replicas by name. Written by the polls, read by the API."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._answers: dict[str, Answer] = {}
        self._misses: dict[str, int] = {}

    @property
    def wanted(self) -> Wanted:
        """What the stack is asked to be, as it stands on disk now."""
        return read_wanted(self._home) or Wanted()

    def saw(self, name: str, answer: Answer) -> None:
        """Note an answer, or a refused connection."""
        self._misses.pop(name, None)
        self._answers[name] = answer

    def missed(self, name: str) -> None:
        """Note a poll that nobody answered in time."""
        self._misses[name] = self._misses.get(name, 0) + 1
        if self._misses[name] > TOLERATED_MISSES:
            self._answers.pop(name, None)

    def ready(self, name: str) -> bool:
        answer = self._answers.get(name)
        return answer is not None and answer.still(look_at(self._home, name)).ok

    def serving(self) -> list[Seat]:
        """Return the wanted seats whose replica wants traffic."""
        return [seat for seat in self.wanted.seats() if self.ready(seat.id)]

    def status(self) -> StackStatus:
        return build_status(self._home, self.wanted, dict(self._answers))
