"""What the api replicas carry now, asked of Prometheus."""

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from backend.observability.catalogue import (
    CPU,
    DB_POOL,
    DB_POOL_LIMIT,
    HTTP_REQUESTS,
    Process,
)
from console.control.errors import UnavailableError
from console.control.prometheus import Prometheus, Sample

log = logging.getLogger(__name__)

TIMEOUT = 0.5
# Long enough that a single burst is no load, short enough that a surge is.
WINDOW = "1m"
SOURCE = f"Prometheus, the last {WINDOW}: CPU time, connections of the pool in use"

_JOB = f'job="{Process.API}"'
_USED = f'avg_over_time({DB_POOL.name}{{{_JOB},state="used"}}[{WINDOW}])'
_FIGURES = {
    "requests": f"rate({HTTP_REQUESTS.name}{{{_JOB}}}[{WINDOW}])",
    "cpu": f"rate({CPU.name}{{{_JOB}}}[{WINDOW}])",
    "pool": f"{_USED} / on (instance) {DB_POOL_LIMIT.name}{{{_JOB}}}",
}
# One question, so that all figures are of the same moment.
QUERY = " or ".join(
    f'label_replace(sum by (instance) ({promql}), "figure", "{name}", "", "")'
    for name, promql in _FIGURES.items()
)


@dataclass(frozen=True, slots=True)
class Load:
    """By replica: requests a second, share of a core, share of the pool's connections."""

    requests: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    pool: dict[str, float] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Return what all replicas answer together."""
        return sum(self.requests.values())


LoadNow = Callable[[], Load | None]


class ReplicaLoad:
    """Asks the Prometheus at `url`."""

    def __init__(self, url: str) -> None:
        self._prometheus = Prometheus(url, TIMEOUT)

    def now(self) -> Load | None:
        """Return what each api replica carries; null when Prometheus cannot say."""
        try:
            load = _read(self._prometheus.ask(QUERY, "how much the replicas carry"))
        except UnavailableError as error:
            log.warning("%s", error)
            return None
        return load if load.cpu and load.pool else None

    def close(self) -> None:
        self._prometheus.close()


def _read(samples: list[Sample]) -> Load:
    figures: dict[str, dict[str, float]] = defaultdict(dict)
    for sample in samples:
        figures[sample.metric["figure"]][sample.metric["instance"]] = sample.value[1]
    return Load(**figures)
