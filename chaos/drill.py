"""The drill at hand, which its activities ask for what they work with.

The engine calls activities by name with the arguments of the experiment's file, so what a drill
has beside them is found here. One process runs one drill: the engine's own state allows no second.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Literal, ParamSpec, Protocol, TypeVar

from chaos.client import ControlAwayError
from chaos.errors import AbortedError, BlindError, SkippedError
from chaos.facts import Facts
from chaos.journal import Journal
from chaos.places import NoPlaces, Places
from deploy.driver import Driver

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Totals:
    """The gateway's counters since its start, as of `at` (Unix seconds).

    `buckets` maps an upper bound in seconds to the requests at or below it.
    """

    at: float
    requests: float
    failed: float
    buckets: dict[float, float]


class Traffic(Protocol):
    """What users feel, counted where they are answered."""

    def totals(self, at: float | None = None) -> Totals:
        """Return the newest sample not after `at` (Unix seconds; default now).

        Raises:
            NoSampleError: there is none.
            BlindError: nobody answers.
        """

    def endpoints(self, role: str, since: float) -> int:
        """Return how many replicas of `role` the gateway sends requests to.

        The sample is not older than `since` (Unix seconds).

        Raises:
            BlindError: there is no sample that new, or nobody answers.
        """


class Signals(Protocol):
    """The signals that are expected of the drill; somebody else watches them meanwhile."""

    def awaited(self) -> list[str]:
        """Return, in words, those that may still come in time after the fault."""

    def unresolved(self) -> list[str]:
        """Return, in words, the alerts that fired as expected and may still resolve in time."""


class Numbers(Protocol):
    """What Prometheus counts."""

    def number(self, promql: str, at: float | None = None) -> float:
        """Return the one value of `promql` at `at` (Unix seconds; default now).

        Raises:
            NoSampleError: there is none.
            BlindError: nobody answers.
        """


class NoNumbers:
    """Nobody counts."""

    def number(self, promql: str, at: float | None = None) -> float:  # noqa: ARG002
        raise BlindError("this drill was given nobody who counts")


class Control(Protocol):
    """The control service, asked as an operator asks it; raises `chaos.client.ControlError`."""

    def scale(self, role: str, count: int, reason: str) -> None:
        """Ask for so many replicas; returns once that is accepted."""


class NoControl:
    """There is none to ask; `why` says what is missing."""

    def __init__(self, why: str = "this drill was given no control service") -> None:
        self._why = why

    def scale(self, role: str, count: int, reason: str) -> None:  # noqa: ARG002
        raise ControlAwayError(self._why)


class NoSignals:
    """Nothing is expected."""

    def awaited(self) -> list[str]:
        return []

    def unresolved(self) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a drill is aborted; `harm` is beyond what its experiment allows."""

    by: str
    reason: str
    sort: Literal["halt", "harm", "other"] = "other"

    def __str__(self) -> str:
        return f"{self.by}: {self.reason}"


class Abort:
    """The switch that ends a drill early; the first cause stays.

    `tell` is called with it, by whoever throws the switch and before anything acts on it.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self.cause: Cause | None = None
        self.tell: Callable[[Cause], None] = lambda _: None

    def set(self, cause: Cause) -> None:
        """Throw the switch, if nobody has yet."""
        with self._lock:
            if self.cause is None:
                self.tell(cause)
                self.cause = cause
                self._event.set()

    def check(self) -> None:
        """Return while the drill may go on.

        Raises:
            AbortedError: it may not.
        """
        if self.cause is not None:
            raise AbortedError(str(self.cause))

    def pause(self, seconds: float) -> None:
        """Wait `seconds`, unless the drill is aborted meanwhile.

        Raises:
            AbortedError: it is.
        """
        self._event.wait(seconds)
        self.check()


@dataclass(slots=True)
class Drill:
    """One run: what it works with and what it knows."""

    run: str
    driver: Driver
    traffic: Traffic
    gateway: str
    journal: Journal
    abort: Abort = field(default_factory=Abort)
    places: Places = field(default_factory=NoPlaces)
    signals: Signals = field(default_factory=NoSignals)
    numbers: Numbers = field(default_factory=NoNumbers)
    history: Numbers = field(default_factory=NoNumbers)  # of the Prometheus with a written one
    control: Control = field(default_factory=NoControl)
    facts: Facts = field(default_factory=Facts)
    poll_seconds: float = 0.25

    def poll_until(self, seconds: float) -> Iterator[float]:
        """Yield the seconds gone, each `poll_seconds`, until `seconds` are over or an abort.

        Raises:
            AbortedError: the drill is aborted meanwhile.
        """
        started = time.monotonic()
        while (gone := time.monotonic() - started) < seconds:
            self.abort.check()
            yield gone
            self.abort.pause(min(self.poll_seconds, seconds))


_current: ContextVar[Drill] = ContextVar("drill")


def current() -> Drill:
    """Return the drill that this process runs.

    Raises:
        LookupError: an activity was called outside of a drill.
    """
    return _current.get()


@contextmanager
def entered(drill: Drill) -> Iterator[Drill]:
    """Make `drill` the current one inside the block."""
    token = _current.set(drill)
    try:
        yield drill
    finally:
        _current.reset(token)


def activity(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as a probe or fault that an experiment may name.

    It is not begun once the drill is being aborted, nor after a failed action of the method.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with _error_kept():
            drill = current()
            drill.abort.check()
            if drill.facts.method_failed:
                raise SkippedError("an action before it was not done")
            return function(*args, **kwargs)

    return _marked(run)


def undoing(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that an experiment may name to put things right, aborted or not."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with _error_kept():
            return function(*args, **kwargs)

    return _marked(run)


def checked_by(check: Callable[..., object]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Give an activity a check of its arguments, by which an experiment is validated.

    `check` takes the same arguments, and yields (place among them, what is wrong).
    """

    def give(function: Callable[P, R]) -> Callable[P, R]:
        function.check = check  # type: ignore[attr-defined]
        return function

    return give


def _marked(function: Callable[P, R]) -> Callable[P, R]:
    """Mark it as what an experiment may name; a mere function beside it may not be."""
    function.is_activity = True  # type: ignore[attr-defined]
    return function


@contextmanager
def _error_kept() -> Iterator[None]:
    """Keep an activity's error for the verdict: the engine keeps only its text."""
    try:
        yield
    except Exception as error:
        current().facts.error = error
        raise
