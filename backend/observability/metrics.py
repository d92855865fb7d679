"""Makes instruments from the catalogue, and only from it.

One `Instruments` belongs to one process: a spec that the process does not
declare, or that was made already, is refused at start, not found out later on
a dashboard that stays empty.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.observability import tally
from backend.observability.catalogue import (
    BUILD_INFO,
    CATALOGUE,
    LOG_LINES,
    Kind,
    Label,
    Process,
    Spec,
)
from backend.observability.plain import Latencies, Numbers

__all__ = ["Bounded", "CatalogueError", "Counter", "Gauge", "Histogram", "Instruments"]

# `_created` would double the counters' series and nothing reads them;
# the same as PROMETHEUS_DISABLE_CREATED_SERIES, without relying on the environment.
disable_created_metrics()  # type: ignore[no-untyped-call]


class CatalogueError(Exception):
    """An instrument was asked for that the catalogue does not allow here."""


class Bounded:
    """Keeps an open label within its limit: beyond it, values become `other`.

    The first values seen keep their names, so the series of a process stay few
    whatever a caller sends.
    """

    OTHER = "other"

    def __init__(self, label: Label) -> None:
        """Take a label that has a limit; one of its values is kept for `other`."""
        self._room = label.most - 1
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        if value in self._known:
            return value
        if len(self._known) >= self._room:
            return self.OTHER
        self._known.add(value)
        return value


class _Counted(Collector):
    """A counter whose values are kept elsewhere."""

    def __init__(self, spec: Spec, read: Callable[[], Mapping[tuple[str, ...], float]]) -> None:
        self._spec, self._read = spec, read

    def collect(self) -> Iterator[Metric]:
        name = self._spec.name.removesuffix("_total")
        family = CounterMetricFamily(name, self._spec.help, labels=self._spec.label_names)
        # A copy, since whoever counts goes on while it is read.
        for values, count in sorted(dict(self._read()).items()):
            family.add_metric(values, count)
        yield family


class Instruments:
    """The instruments of one process and the text that Prometheus scrapes.

    Beside the catalogue's metrics it exposes `process_*` (CPU, memory, files).
    """

    def __init__(self, process: Process, version: str) -> None:
        self._process = process
        self._made: set[str] = set()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.gauge(BUILD_INFO).labels(version=version).set(1)
        self.counted(LOG_LINES, lambda: tally.LINES)

    def counter(self, spec: Spec) -> Counter:
        """Return the counter of `spec`; a spec's labels are given with `.labels(name=value)`.

        Raises:
            CatalogueError: unknown spec, wrong kind, wrong process, or made twice.
        """
        self._claim(spec, Kind.COUNTER)
        return Counter(spec.name, spec.help, spec.label_names, registry=self._registry)

    def gauge(self, spec: Spec) -> Gauge:
        """Return the gauge of `spec`; raises as `counter` does."""
        self._claim(spec, Kind.GAUGE)
        return Gauge(spec.name, spec.help, spec.label_names, registry=self._registry)

    def histogram(self, spec: Spec) -> Histogram:
        """Return the histogram of `spec` with its buckets; raises as `counter` does."""
        self._claim(spec, Kind.HISTOGRAM)
        return Histogram(
            spec.name, spec.help, spec.label_names, registry=self._registry, buckets=spec.buckets
        )

    def numbers(self, spec: Spec) -> Numbers:
        """Return the counter or gauge of `spec`, moved by one thread alone; raises as `counter`."""
        self._claim(spec, spec.kind if spec.kind is Kind.GAUGE else Kind.COUNTER)
        numbers = Numbers(spec)
        self._registry.register(numbers)
        return numbers

    def latencies(self, spec: Spec) -> Latencies:
        """Return the histogram of `spec`, moved by one thread alone; raises as `counter` does."""
        self._claim(spec, Kind.HISTOGRAM)
        latencies = Latencies(spec)
        self._registry.register(latencies)
        return latencies

    def counted(self, spec: Spec, read: Callable[[], Mapping[tuple[str, ...], float]]) -> None:
        """Expose the counter of `spec` with what `read` gives, by label values, at each scrape.

        For what is counted before there are instruments; raises as `counter` does.
        """
        self._claim(spec, Kind.COUNTER)
        self._registry.register(_Counted(spec, read))

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """Return the scrape's body and content type for an `Accept` header's value."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def _claim(self, spec: Spec, kind: Kind) -> None:
        if spec not in CATALOGUE:
            raise CatalogueError(f"{spec.name} is not in the catalogue: declare it there first")
        if spec.kind is not kind:
            raise CatalogueError(f"{spec.name} is a {spec.kind}, not a {kind}")
        if self._process not in spec.processes:
            raise CatalogueError(f"{spec.name} is not declared for the process {self._process}")
        if spec.name in self._made:
            raise CatalogueError(f"{spec.name} was made already: share the instrument instead")
        self._made.add(spec.name)
