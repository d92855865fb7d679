"""Instruments whose numbers one thread alone moves: without locks, at a tenth of the cost.

The event loop counts each request in them; another thread reads them when
Prometheus scrapes. It may read one number a moment before the next one moves,
never a wrong one.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Generic, TypeVar

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from backend.observability.catalogue import Kind, Spec
from backend.observability.exemplars import Exemplars

Child = TypeVar("Child")


class Number:
    """One series of a counter or gauge."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def inc(self) -> None:
        self.value += 1

    def dec(self) -> None:
        self.value -= 1


class Observations:
    """One series of a histogram, in seconds; observe it within the context of the work at hand."""

    __slots__ = ("_bounds", "_counts", "_sum", "exemplars")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        self.exemplars = Exemplars(len(bounds) + 1)

    def observe(self, seconds: float) -> None:
        """Count what took this long."""
        # A bucket holds what is at most its bound.
        bucket = bisect_left(self._bounds, seconds)
        self._counts[bucket] += 1
        self._sum += seconds
        self.exemplars.offer(bucket, seconds)

    def read(self) -> tuple[list[int], float]:
        """Return how many were at most each bound, the last one being infinity, and the sum."""
        return list(accumulate(self._counts)), self._sum


class Family(Collector, Generic[Child]):
    """All series of one spec; `labels` gives one of them, at zero when it is new."""

    def __init__(self, spec: Spec, make: Callable[[], Child]) -> None:
        self._spec, self._make = spec, make
        self._children: dict[tuple[str, ...], Child] = {}

    def labels(self, **values: str) -> Child:
        """Return the series with these labels; look it up once, not for each request.

        Raises:
            ValueError: the labels are not those of the spec.
        """
        if values.keys() != set(self._spec.label_names):
            raise ValueError(f"{self._spec.name} has the labels {self._spec.label_names}")
        key = tuple(values[name] for name in self._spec.label_names)
        if key not in self._children:
            self._children[key] = self._make()
        return self._children[key]

    def _series(self) -> list[tuple[tuple[str, ...], Child]]:
        # A copy, since the loop may meet a new series while they are read.
        return sorted(self._children.copy().items(), key=lambda each: each[0])


class Numbers(Family[Number]):
    """A counter or a gauge."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec, Number)

    def collect(self) -> Iterator[Metric]:
        spec, counts = self._spec, self._spec.kind is Kind.COUNTER
        made = CounterMetricFamily if counts else GaugeMetricFamily
        family = made(spec.name.removesuffix("_total"), spec.help, labels=spec.label_names)
        for values, number in self._series():
            family.add_metric(values, number.value)
        yield family


class Latencies(Family[Observations]):
    """A histogram of seconds with exemplars."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec, lambda: Observations(spec.buckets))
        bounds = (*spec.buckets, float("inf"))
        self._bounds: list[str] = [floatToGoString(bound) for bound in bounds]  # type: ignore[no-untyped-call]

    def collect(self) -> Iterator[Metric]:
        family = HistogramMetricFamily(
            self._spec.name, self._spec.help, labels=self._spec.label_names
        )
        for values, observations in self._series():
            counts, total = observations.read()
            named = zip(self._bounds, counts, observations.exemplars.kept, strict=True)
            buckets = [
                (bound, count) if exemplar is None else (bound, count, exemplar)
                for bound, count, exemplar in named
            ]
            family.add_metric(values, buckets, total)
        yield family
