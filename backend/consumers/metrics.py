"""What the consumer tells Prometheus."""

from datetime import UTC, datetime
from typing import Literal

from backend.observability.catalogue import CONSUMER_DURATION, CONSUMER_EVENTS, EVENT_FRESHNESS
from backend.observability.metrics import Instruments

Outcome = Literal["applied", "duplicate", "deferred", "retried", "dead"]
OUTCOMES: tuple[Outcome, ...] = ("applied", "duplicate", "deferred", "retried", "dead")


class ConsumerMetrics:
    """The consumer's instruments; every outcome is exposed from the start, at 0."""

    def __init__(self, instruments: Instruments, consumer: str) -> None:
        events = instruments.counter(CONSUMER_EVENTS)
        self._events = {
            outcome: events.labels(consumer=consumer, outcome=outcome) for outcome in OUTCOMES
        }
        self._duration = instruments.histogram(CONSUMER_DURATION).labels(consumer=consumer)
        self._freshness = instruments.histogram(EVENT_FRESHNESS).labels(consumer=consumer)

    def settled(self, outcome: Outcome) -> None:
        self._events[outcome].inc()

    def took(self, seconds: float) -> None:
        self._duration.observe(seconds)

    def applied(self, accepted_at: datetime) -> None:
        """Record how long after its acceptance an event has reached the read model."""
        age = (datetime.now(UTC) - accepted_at).total_seconds()
        self._freshness.observe(max(0.0, age))
