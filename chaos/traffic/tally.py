"""What a run has done so far."""

from collections import Counter
from dataclasses import dataclass, field

from backend.schemas.runs import SentEvent
from chaos.traffic.latency import Latencies

MAX_REASONS = 50
OVERLOAD = "overload: too many requests without an answer"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one request ended: `reason` is empty when it did well."""

    reason: str = ""
    accepted: SentEvent | None = None


@dataclass(slots=True)
class Tally:
    """`sent` is `ok + failed + in flight`; what overload held back is both sent and failed."""

    sent: int = 0
    ok: int = 0
    failed: int = 0
    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    latencies: Latencies = field(default_factory=Latencies)
    first_sent: float = 0.0
    last_sent: float = 0.0

    def begin(self, now: float) -> None:
        """Count a request as sent at `now`, on the event loop's clock."""
        self.first_sent = self.first_sent or now
        self.last_sent = now
        self.sent += 1

    def end(self, outcome: Outcome, latency: float) -> None:
        """Count how a request ended, `latency` seconds after it was meant to begin."""
        self.latencies.add(latency)
        if outcome.reason:
            self.fail(outcome.reason)
        else:
            self.ok += 1
            self.accepted += outcome.accepted is not None

    def fail(self, reason: str) -> None:
        known = reason in self.reasons or len(self.reasons) < MAX_REASONS
        self.reasons[reason if known else "further reasons"] += 1
        self.failed += 1

    @property
    def rate(self) -> float:
        """Requests sent a second, from the first to the last."""
        seconds = self.last_sent - self.first_sent
        return (self.sent - 1) / seconds if seconds > 0 else float(self.sent)
