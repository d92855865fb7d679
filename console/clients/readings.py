"""What the pages show of Prometheus: each figure by its query's name, all of one moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from console.clients import queries
from console.clients.prometheus import Sample, Series
from console.clients.queries import Query

TOTALS = (
    queries.REQUESTS,
    queries.ERROR_RATIO,
    queries.P50,
    queries.P95,
    queries.P99,
    queries.IN_FLIGHT,
)
PIPELINE = (
    queries.OUTBOX_ROWS,
    queries.OUTBOX_OLDEST,
    queries.QUEUED,
    queries.DEAD_LETTERS,
    queries.FRESHNESS,
)
BY_REPLICA = (
    queries.REPLICA_REQUESTS,
    queries.REPLICA_ERRORS,
    queries.REPLICA_P50,
    queries.REPLICA_P95,
    queries.REPLICA_P99,
    queries.REPLICA_IN_FLIGHT,
    queries.REPLICA_CPU,
    queries.REPLICA_MEMORY,
    queries.REPLICA_LOOP_LAG,
)
RESOURCES = (
    queries.REPLICA_REQUESTS,
    queries.REPLICA_CPU,
    queries.REPLICA_MEMORY,
    queries.REPLICA_STARTED,
)

# By query name; None where Prometheus has no answer (no series, or a ratio of nothing).
Figures = Mapping[str, float | None]

# By the value of a label: `{"api-1": {"replica_cpu": 0.12, …}, …}`.
Grouped = dict[str, dict[str, float | None]]
# By a series' name, a value each of the window's times.
Curves = dict[str, list[float | None]]


class AsksPrometheus(Protocol):
    def query(self, promql: str, at: datetime) -> list[Sample]: ...

    def query_range(
        self, promql: str, start: datetime, end: datetime, step: float
    ) -> list[Series]: ...


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time up to `end`, and how far apart its points are."""

    end: datetime
    length: timedelta
    step: float

    @classmethod
    def until(cls, now: datetime, length: timedelta, step: float) -> "Window":
        """Return the window up to `now`, on whole steps so that points keep their places."""
        end = now.timestamp() // step * step
        return cls(datetime.fromtimestamp(end, UTC), length, step)

    @property
    def start(self) -> datetime:
        return self.end - self.length

    @property
    def times(self) -> list[datetime]:
        count = int(self.length.total_seconds() / self.step)
        return [self.start + timedelta(seconds=place * self.step) for place in range(count + 1)]


def figures(source: AsksPrometheus, wanted: Iterable[Query], at: datetime) -> Figures:
    """Return one number a query; for queries that give at most one series."""
    return {query.name: _only(source.query(query.promql, at)) for query in wanted}


def grouped(source: AsksPrometheus, wanted: Iterable[Query], label: str, at: datetime) -> Grouped:
    """Return figures by the value of `label`; absent where Prometheus has no such series."""
    table: Grouped = {}
    for query in wanted:
        for sample in source.query(query.promql, at):
            table.setdefault(sample.labels.get(label, ""), {})[query.name] = sample.value
    return table


def trend(source: AsksPrometheus, query: Query, window: Window) -> list[float | None]:
    """Return the only series of `query`, a value each of the window's times; empty without one."""
    series = source.query_range(query.promql, window.start, window.end, window.step)
    return filled(series[0], window) if series else []


def curves(source: AsksPrometheus, query: Query, window: Window, label: str) -> Curves:
    """Return the series of `query` by the value of `label`, a value each of the window's times.

    A gap stays a gap (None): a line across it would claim what nobody measured.
    """
    found = source.query_range(query.promql, window.start, window.end, window.step)
    return {series.labels.get(label, ""): filled(series, window) for series in found}


def filled(series: Series, window: Window) -> list[float | None]:
    """Return the series' values at the window's times, None where it has none."""
    known = {round(at.timestamp(), 3): value for at, value in series.points}
    return [known.get(round(at.timestamp(), 3)) for at in window.times]


def _only(samples: list[Sample]) -> float | None:
    return samples[0].value if samples else None
