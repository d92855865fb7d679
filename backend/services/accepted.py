"""Counts events that are written for good: callers' and those of the product's own changes."""

from backend.observability.catalogue import EVENT_TYPE, EVENTS_ACCEPTED
from backend.observability.metrics import Bounded, Instruments


class AcceptedEvents:
    """One for the process. Count after the commit: what was rolled back never enters the pipeline.

    Every way into the pipeline must count here, since the freshness objective
    compares it with what the consumer settles.
    """

    def __init__(self, instruments: Instruments) -> None:
        self._counter = instruments.counter(EVENTS_ACCEPTED)
        self._type = Bounded(EVENT_TYPE)
        # There from the start: an idle replica is told from one that does not count.
        self._counter.labels(type=Bounded.OTHER, result="new")

    def new(self, type_: str) -> None:
        self._counter.labels(type=self._type(type_), result="new").inc()

    def repeat(self, type_: str) -> None:
        self._counter.labels(type=self._type(type_), result="repeat").inc()
