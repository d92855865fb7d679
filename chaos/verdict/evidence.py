"""What a verdict is computed from."""

from dataclasses import dataclass
from enum import StrEnum

from chaos.drill import Cause
from chaos.schemas import Impact, SignalReport, Tolerance, Undo


class Outcome(StrEnum):
    """How a step went. UNKNOWN: it could not be seen; REFUSED: a guard kept it from being done."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was tried, and what there is to say of it."""

    outcome: Outcome
    words: str = ""

    @property
    def good(self) -> bool | None:
        """Return true or false where it is known."""
        return {Outcome.GOOD: True, Outcome.BAD: False}.get(self.outcome)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a drill found out; None for a step that was never reached."""

    tolerance: Tolerance
    before: Step | None = None
    action: Step | None = None
    recovery: Step | None = None
    after: Step | None = None
    unseen: tuple[str, ...] = ()  # further steps of the method that were not done, in words
    impact: Impact | None = None
    impact_unknown: str = "it was not measured"
    undo: Undo | None = None
    undo_unknown: str = "it was not tried"
    signals: tuple[SignalReport, ...] = ()
    aborted: Cause | None = None
    injected: bool = False
