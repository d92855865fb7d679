"""Storms of lines: the first of a second are written, the others counted.

What repeats is a logger's template at a level. A line that stands for a piece
of work of its own (an answered request, a message) is no repetition: such
lines are left out only beyond `MOST_OF_WORK` a second, where writing them would
take more of the disk and the core than they are worth; the gateway's access
log, which has all of them, is never sampled.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_ALIKE = 20
MOST_OF_WORK = 2_000
# The kinds that are told apart within one second; all others then count as one a level.
MOST_KINDS = 500
OTHERS = "lines of other kinds"


class Kind(NamedTuple):
    """What makes lines alike."""

    logger: str
    level: str
    template: str


@dataclass(slots=True)
class Storms:
    """Counts the lines of the second at hand; not safe against threads by itself."""

    clock: Callable[[], float] = time.monotonic
    _since: float = 0.0
    _seen: dict[Kind, int] = field(default_factory=dict)
    _over: dict[Kind, int] = field(default_factory=dict)

    def admits(self, kind: Kind, most: int) -> bool:
        """Return whether a line of this kind is to be written."""
        seen = self._seen.get(kind)
        if seen is None and len(self._seen) >= MOST_KINDS:
            kind = Kind("", kind.level, OTHERS)
            seen = self._seen.get(kind)
        seen = (seen or 0) + 1
        self._seen[kind] = seen
        if seen <= most:
            return True
        self._over[kind] = self._over.get(kind, 0) + 1
        return False

    def ended(self) -> dict[Kind, int]:
        """Return how many of each kind were left out, once the second is over; else nothing."""
        now = self.clock()
        if now - self._since < 1.0:
            return {}
        over = self._over
        self._since, self._seen, self._over = now, {}, {}
        return over
