"""A hand-written stand-in for Prometheus, as the console sees it."""

from collections.abc import Mapping
from datetime import datetime

from console.clients.failures import SourceError
from console.clients.prometheus import Sample, Series

Labels = tuple[tuple[str, str], ...]


class FakePrometheus:
    """Answers queries by their text; what it does not know has no series."""

    def __init__(self) -> None:
        self.trouble: SourceError | None = None
        self.samples: dict[str, Mapping[Labels, float | None]] = {}
        self.refused: dict[str, SourceError] = {}

    def answer(self, promql: str, value: float | None, **labels: str) -> None:
        known = self.samples.get(promql, {})
        self.samples[promql] = {**known, tuple(labels.items()): value}

    def query(self, promql: str, at: datetime) -> list[Sample]:  # noqa: ARG002
        if self.trouble is not None:
            raise self.trouble
        if promql in self.refused:
            raise self.refused[promql]
        found = self.samples.get(promql, {})
        return [Sample(dict(labels), value) for labels, value in found.items()]

    def query_range(
        self,
        promql: str,
        start: datetime,
        end: datetime,
        step: float,  # noqa: ARG002
    ) -> list[Series]:
        return [
            Series(sample.labels, [(start, sample.value), (end, sample.value)])
            for sample in self.query(promql, end)
        ]
