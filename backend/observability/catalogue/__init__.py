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
from backend.observability.catalogue.spec import Foreign, Spec

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
