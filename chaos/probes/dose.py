"""How many failures a burn-rate alert takes: what its windows lack by the time it fires."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """One window as it was when the fault began: its events, and the bad ones among them.

    `rate` is how many events come a second, `seconds` how long the window is.
    """

    seconds: float
    events: float
    bad: float
    rate: float

    def lacks(self, limit: float, ahead: float) -> float:
        """Return how many failures it takes for an error ratio of `limit` in `ahead` seconds.

        What comes until then dilutes them. What no longer fits into the window leaves it,
        and takes its share of what was bad before along.
        """
        coming = self.rate * ahead
        held = min(self.events + coming, max(self.events, self.rate * self.seconds))
        leaving = self.events + coming - held
        staying = 1 - leaving / self.events if leaving < self.events else 0.0
        return limit * held - self.bad * staying
