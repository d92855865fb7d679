"""What the consumer tells Prometheus."""

from datetime import UTC, datetime
from typing import Literal

from backend.observability.catalogue import (
    CONSUMER_DURATION,
    CONSUMER_EVENTS,
    EVENT_FRESHNESS,
    EVENT_TYPE,
)
from backend.observability.metrics import Bounded, Counter, Instruments

Outcome = Literal["applied", "duplicate", "deferred", "retried", "dead"]
OUTCOMES: tuple[Outcome, ...] = ("applied", "duplicate", "deferred", "retried", "dead")


class ConsumerMetrics:
    """The consumer's instruments; every outcome of a type that was seen is exposed, at 0 first.

    A type is unknown where a message's envelope is unreadable, or older than
    the header that names it.
    """

    def __init__(self, instruments: Instruments, consumer: str) -> None:
        self._consumer = consumer
        self._counter = instruments.counter(CONSUMER_EVENTS)
        self._bounded = Bounded(EVENT_TYPE)
        self._events = {Bounded.OTHER: self._outcomes(Bounded.OTHER)}
        self._duration = instruments.latencies(CONSUMER_DURATION).labels(consumer=consumer)
        self._freshness = instruments.latencies(EVENT_FRESHNESS).labels(consumer=consumer)

    def settled(self, outcome: Outcome, event_type: str | None = None) -> None:
        kept = self._bounded(event_type) if event_type else Bounded.OTHER
        outcomes = self._events.get(kept)
        if outcomes is None:
            outcomes = self._events[kept] = self._outcomes(kept)
        outcomes[outcome].inc()

    def took(self, seconds: float) -> None:
        self._duration.observe(seconds)

    def applied(self, accepted_at: datetime) -> None:
        """Record how long after its acceptance an event has reached the read model."""
        age = (datetime.now(UTC) - accepted_at).total_seconds()
        self._freshness.observe(max(0.0, age))

    def _outcomes(self, event_type: str) -> dict[Outcome, Counter]:
        return {
            outcome: self._counter.labels(consumer=self._consumer, type=event_type, outcome=outcome)
            for outcome in OUTCOMES
        }
