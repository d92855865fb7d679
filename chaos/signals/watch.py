"""The common part of what becomes of an expected signal: when it could be looked, and the end."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from chaos.errors import BlindError
from chaos.facts import Facts
from chaos.schemas import AlertWay, SignalReport
from chaos.signals.expected import Expected
from chaos.signals.sources import Sources

# Longer than two looks and two scrapes: within so long, something may come and go unseen.
BLIND_SECONDS = 10.0

E = TypeVar("E", bound=Expected)
Answer = TypeVar("Answer")
KindName = Literal["metric", "log", "error", "alert", "silent"]


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of a look. `after_fault` and `after_end` are seconds, None before either."""

    monotonic: float
    fault_monotonic: float
    fault_at: datetime | None = None
    after_fault: float | None = None
    after_end: float | None = None

    @classmethod
    def of(cls, facts: Facts, monotonic: float) -> "Now":
        return cls(
            monotonic=monotonic,
            fault_monotonic=facts.fault_monotonic,
            fault_at=facts.fault_at,
            after_fault=monotonic - facts.fault_monotonic if facts.fault_at else None,
            after_end=monotonic - facts.fault_ended_monotonic if facts.fault_ended_at else None,
        )


class Watch(ABC, Generic[E]):
    """One expected signal; `report` is None until it is decided."""

    kind: KindName
    every = 1.0  # seconds between two looks

    def __init__(self, expected: E) -> None:
        self.expected = expected
        self.report: SignalReport | None = None
        self._last_seen = 0.0  # seconds after the fault
        self._before: list[tuple[float, bool]] = []  # when it was looked, and whether it was there
        self._gap = 0.0  # the longest time after the fault without a look that saw anything
        self._blind = "it was not looked for often enough"

    @abstractmethod
    def look(self, sources: Sources, now: Now) -> None:
        """Look once. What cannot be seen is remembered, not raised."""

    @abstractmethod
    def close(self, now: Now) -> None:
        """Decide from what was seen, at the drill's end."""

    @property
    def awaited(self) -> bool:
        """Return whether it may still come in time after the fault."""
        return self.report is None

    @property
    def unresolved(self) -> bool:
        """Return whether it came and may still go in time after the fault's end."""
        return False

    @property
    def undecided(self) -> bool:
        """Return whether the drill's end would leave open what was seen."""
        return False

    def _asked(self, now: Now, question: Callable[[], Answer]) -> Answer | None:
        """Return the answer; None, and the reason kept, when there is none to be had."""
        try:
            answer = question()
        except BlindError as error:
            self._blind = str(error)
            return None
        self._gap, self._last_seen = self._blind_for(now), now.after_fault or 0.0
        return answer

    def _proves_nothing(self, now: Now) -> str | None:
        """Return why what comes now is not the fault's doing; None where it was not there before.

        A look that began before the fault and ended after it tells of neither.
        """
        before = [there for moment, there in self._before if moment < now.fault_monotonic]
        if not before:
            return "could not be looked for before the fault, so that it proves nothing"
        return "was there before the fault already, which proves nothing" if before[-1] else None

    def _blind_for(self, now: Now) -> float:
        """Return the longest time, in seconds, that nothing could be seen."""
        return max(self._gap, (now.after_fault or 0.0) - self._last_seen)

    def _decide(
        self,
        met: bool | None,
        words: str,
        seconds: float | None = None,
        way: AlertWay | None = None,
    ) -> None:
        self.report = SignalReport(
            kind=self.kind,
            expected=self.expected.words,
            met=met,
            seconds=None if seconds is None else round(seconds, 1),
            words=words,
            way=way,
        )

    def _unseen(self, what: str, within: float, now: Now) -> None:
        """Decide for a signal that was not seen until now, `within` seconds being its time."""
        if now.after_fault is None:
            self._decide(None, f"{what} was not looked for: nothing was injected")
        elif now.after_fault < within:
            self._decide(None, f"{what} was not waited for: {now.after_fault:.0f} of {within:g} s")
        elif self._blind_for(now) > min(BLIND_SECONDS, 0.9 * within):
            self._decide(None, f"{what} could not be seen: {self._blind}")
        else:
            self._decide(False, f"{what} did not come within {within:g} s")
