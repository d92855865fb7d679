"""The signal catalogue: every metric that we expose or use, declared once.

Metrics can only be made from these specs (`metrics.py`), and dashboards, rules,
the console and the reference take names and labels from here, so that none of
them can name a metric that does not exist. Units are base units (seconds,
bytes), and every label is bounded.
"""

from backend.observability.catalogue import foreign, operations, processes, product
from backend.observability.catalogue.foreign import *  # noqa: F403  the entries are the interface
from backend.observability.catalogue.operations import *  # noqa: F403
from backend.observability.catalogue.processes import *  # noqa: F403
from backend.observability.catalogue.product import *  # noqa: F403
from backend.observability.catalogue.recorded import *  # noqa: F403
from backend.observability.catalogue.spec import *  # noqa: F403
from backend.observability.catalogue.spec import Foreign, Kind, Recorded, Spec

CATALOGUE: tuple[Spec, ...] = tuple(
    dict.fromkeys(
        value
        for family in (processes, product, operations)
        for value in vars(family).values()
        if isinstance(value, Spec)
    )
)
FOREIGN: tuple[Foreign, ...] = tuple(
    value for value in vars(foreign).values() if isinstance(value, Foreign)
)


def series_of(metric: Spec | Foreign | Recorded) -> tuple[str, ...]:
    """Return the names under which Prometheus stores a metric: three for a histogram."""
    if metric.kind is not Kind.HISTOGRAM:
        return (metric.name,)
    return tuple(f"{metric.name}_{part}" for part in ("bucket", "count", "sum"))


def names_of(job: str) -> list[str]:
    """Return all that is declared for a Prometheus job, sorted: stored names, buckets included."""
    declared: list[Spec | Foreign] = [spec for spec in CATALOGUE if job in spec.processes]
    declared += [metric for metric in FOREIGN if job in metric.jobs]
    return sorted(name for metric in declared for name in series_of(metric))
