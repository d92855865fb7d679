"""A circuit breaker: when a dependency is away, fail at once instead of after a timeout.

Closed: calls go through. After `threshold` failures in a row it opens: calls
are refused for `retry_seconds`. Then it is half open: one call may try; its
success closes the breaker, its failure opens it again.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from backend.domain.errors import DependencyUnavailableError
from backend.observability.catalogue import BREAKER_STATE, BREAKER_TRANSITIONS
from backend.observability.metrics import Counter, Gauge, Instruments

logger = logging.getLogger(__name__)


class State(StrEnum):
    CLOSED = "closed"
    HALF_OPEN = "half-open"
    OPEN = "open"


_LEVEL = {State.CLOSED: 0, State.HALF_OPEN: 1, State.OPEN: 2}


class BreakerSignals:
    """The instruments that all breakers of a process share."""

    def __init__(self, instruments: Instruments) -> None:
        self.state: Gauge = instruments.gauge(BREAKER_STATE)
        self.transitions: Counter = instruments.counter(BREAKER_TRANSITIONS)


class Breaker:
    """Guards one dependency, on one event loop.

    Only a DependencyUnavailableError that says `away` counts as a failure; one
    that says busy counts as nothing, though it does not close an open breaker;
    whatever else a call raises says that the dependency has answered.
    """

    def __init__(
        self,
        dependency: str,
        signals: BreakerSignals,
        *,
        threshold: int = 5,
        retry_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dependency = dependency
        self.state = State.CLOSED
        self._signals = signals
        self._threshold = threshold
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._failures = 0
        self._opened_at = 0.0
        self._trying = False
        signals.state.labels(dependency=dependency).set(0)

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let the block run, and learn from how it ends.

        Raises:
            DependencyUnavailableError: refused, the block was not entered; or as the block raised.
        """
        tries = self._admit()
        try:
            yield
        except DependencyUnavailableError as error:
            if error.away or tries:
                self._failed(tries)
            raise
        except Exception:
            self._succeeded(tries)
            raise
        else:
            self._succeeded(tries)
        finally:
            # A cancelled call has shown nothing; the next one may try instead of it.
            if tries:
                self._trying = False

    def _admit(self) -> bool:
        """Return whether this call is the one that tries a half-open breaker."""
        if self.state is State.CLOSED:
            return False
        wait = self._opened_at + self._retry_seconds - self._clock()
        if self._trying or wait > 0:
            raise DependencyUnavailableError(
                self.dependency,
                f"{self.dependency} did not answer a moment ago.",
                max(wait, self._retry_seconds),
            )
        self._trying = True
        self._enter(State.HALF_OPEN)
        return True

    # A call that began before the breaker opened says nothing of the time since:
    # while it is not closed, only the one that tries moves it.

    def _failed(self, tries: bool) -> None:
        self._failures += 1
        if tries or (self.state is State.CLOSED and self._failures >= self._threshold):
            self._opened_at = self._clock()
            self._enter(State.OPEN)

    def _succeeded(self, tries: bool) -> None:
        if tries or self.state is State.CLOSED:
            self._failures = 0
            self._enter(State.CLOSED)

    def _enter(self, state: State) -> None:
        if state is self.state:
            return
        self.state = state
        self._signals.state.labels(dependency=self.dependency).set(_LEVEL[state])
        self._signals.transitions.labels(dependency=self.dependency, state=state.value).inc()
        logger.warning(
            "Breaker of %s is %s", self.dependency, state.value, extra={"event.action": "breaker"}
        )
