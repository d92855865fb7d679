"""What the relay tells Prometheus."""

from backend.broker.publisher import Confirm
from backend.observability.catalogue import (
    OUTBOX_AGE,
    OUTBOX_DEPTH,
    RELAY_CONFIRM_DURATION,
    RELAY_PUBLISHED,
    RELAY_UNCONFIRMED,
)
from backend.observability.metrics import Instruments
from backend.storage.failures import Failures
from backend.storage.outbox_reading import Backlog


class RelayMetrics:
    """The relay's instruments; every outcome is exposed from the start, at 0."""

    def __init__(self, instruments: Instruments) -> None:
        published = instruments.counter(RELAY_PUBLISHED)
        self._published = {outcome: published.labels(outcome=outcome) for outcome in Confirm}
        self._confirm_duration = instruments.histogram(RELAY_CONFIRM_DURATION)
        self.unconfirmed = instruments.gauge(RELAY_UNCONFIRMED)
        self._depth = instruments.gauge(OUTBOX_DEPTH)
        self._age = instruments.gauge(OUTBOX_AGE)
        self.failures = Failures(instruments)

    def confirmed(self, outcome: Confirm, seconds: float) -> None:
        """Record how a message was answered, and after how long."""
        self._published[outcome].inc()
        if outcome is not Confirm.LOST:
            self._confirm_duration.observe(seconds)

    def measured(self, backlog: Backlog) -> None:
        self._depth.set(backlog.depth)
        self._age.set(backlog.oldest_seconds)
