"""Which parts a stack has, and in what order they start.

`Parts` is what tests replace by small stand-ins; `REAL` is the stack that
`pharos up` starts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deploy.home import Home
from deploy.local import extras, product, servers
from deploy.local.acquire import Programs, programs
from deploy.local.component import Component, Health
from deploy.local.extras import Say
from deploy.local.wanted import Seat, Wanted

# Parts of one rank start together; a rank starts when the one before is healthy,
# and stops when the one after has ended. RabbitMQ needs epmd, and takes longest.
LATER_SERVERS = ("rabbitmq", "postgres", "postgres-metrics", "redis-metrics")
# Who watches starts after what it watches, so that a slow start is no alert.
WATCHERS = ("prometheus", "alertmanager")
PRODUCT_RANK = 3
SERVER_NAMES = (
    "postgres", "redis", "epmd", "rabbitmq", "prometheus", "alertmanager", "gateway",
    "postgres-metrics", "redis-metrics",
)  # fmt: skip
SERVICE_NAMES = ("agent", "control", "console")


def _nothing_to_obtain(home: Home, wanted: Wanted, say: Say) -> None:  # noqa: ARG001
    return None


def _nothing_to_settle(home: Home, wanted: Wanted) -> bool:  # noqa: ARG001
    return False


@dataclass(frozen=True, slots=True)
class Parts:
    """How the parts of a stack are described.

    `obtain` gets the programs of all that is wanted before anything starts.
    `settle_servers` runs once the servers are healthy; it returns True when
    it made something that the product's processes are to be told.
    """

    servers: Callable[[Home, Wanted, Programs | None], Sequence[Sequence[Component]]]
    checks: Callable[[Home, Wanted], Mapping[str, Callable[[], Health]]]
    replica: Callable[[Home, Seat], Component]
    services: Callable[[Home], Sequence[Component]]
    obtain: Callable[[Home, Wanted, Say], Programs | None] = _nothing_to_obtain
    settle_servers: Callable[[Home, Wanted], bool] = _nothing_to_settle


def server_names(home: Home, wanted: Wanted) -> list[str]:
    """Return the names of the servers that this stack is to have, its extras' included."""
    optional = [name for extra in extras.chosen(wanted.extras) for name in extra.checks(home)]
    return [*SERVER_NAMES, *optional]


def _obtain(home: Home, wanted: Wanted, say: Say) -> Programs:
    for words in extras.absent(wanted.extras):
        say(words)
    for extra in extras.chosen(wanted.extras):
        extra.obtain(home, say)
    return programs(say)


def _servers(
    home: Home, wanted: Wanted, programs: Programs | None
) -> Sequence[Sequence[Component]]:
    if programs is None:
        raise ValueError("the servers cannot be described without their programs")
    listed = servers.components(home, programs, replicas=wanted.counts["api"])
    first = [part for part in listed if part.name not in (*LATER_SERVERS, *WATCHERS)]
    later = [part for part in listed if part.name in LATER_SERVERS]
    later.sort(key=lambda part: LATER_SERVERS.index(part.name))
    optional = [part for extra in extras.chosen(wanted.extras) for part in extra.components(home)]
    watchers = [part for part in listed if part.name in WATCHERS]
    return [first, [*later, *optional], watchers]


def _checks(home: Home, wanted: Wanted) -> Mapping[str, Callable[[], Health]]:
    checks = servers.health_checks(home)
    for extra in extras.chosen(wanted.extras):
        checks |= extra.checks(home)
    return checks


def _settle(home: Home, wanted: Wanted) -> bool:
    # Each is settled, whatever the others made.
    made = [extra.settle(home) for extra in extras.chosen(wanted.extras)]
    return any(made)


REAL = Parts(
    servers=_servers,
    checks=_checks,
    replica=product.replica,
    services=product.services,
    obtain=_obtain,
    settle_servers=_settle,
)
