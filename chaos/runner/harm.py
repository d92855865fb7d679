"""Whether a drill does users more harm than it may."""

from contextlib import suppress

from chaos.drill import Totals, Traffic
from chaos.errors import BlindError, NoSampleError
from chaos.probes.window import Window, between
from chaos.schemas import FEWEST, AbortWhen, in_words


class Harm:
    """Weighs what users felt in the last seconds against an abort condition.

    A drill that stops Prometheus at once has nobody to ask what was before it. Its own first
    reading is the earliest then, and what failed since is held against as many requests as the
    whole window would have had: before the fault the steady state was given.
    """

    def __init__(self, traffic: Traffic, limit: AbortWhen) -> None:
        self._traffic = traffic
        self._limit = limit
        self._first: Totals | None = None

    def begin(self) -> None:
        """Take the first reading, if there is anybody to ask yet."""
        with suppress(BlindError):
            self._first = self._traffic.totals()

    def exceeded(self) -> str | None:
        """Return in words what is too much; None while nothing is.

        Raises:
            BlindError: what users feel cannot be read.
        """
        seen = self._window()
        if seen.requests < FEWEST:
            return None
        filled = max(1.0, self._limit.over_seconds / seen.seconds)
        if seen.failed <= self._limit.error_ratio * seen.requests * filled:
            return None
        return (
            f"{seen.failed:.0f} of {in_words(seen.requests)} failed in "
            f"{seen.seconds:.0f} s, more than {self._limit.error_ratio:.0%} "
            f"over {self._limit.over_seconds:g} s"
        )

    def _window(self) -> Window:
        newest = self._traffic.totals()
        try:
            earlier = self._traffic.totals(newest.at - self._limit.over_seconds)
        except NoSampleError:
            if self._first is None:
                raise
            earlier = self._first
        return between(earlier, newest)
