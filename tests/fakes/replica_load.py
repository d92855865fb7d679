"""What the replicas carry, as a test says it."""

from collections.abc import Sequence

from console.control.services.replica_load import Load


def even_load(
    names: Sequence[str], *, requests: float = 10.0, cpu: float = 0.05, pool: float = 0.05
) -> Load:
    """Return a load of which each replica has the same."""
    return Load(
        requests=dict.fromkeys(names, requests),
        cpu=dict.fromkeys(names, cpu),
        pool=dict.fromkeys(names, pool),
    )
