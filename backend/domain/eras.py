"""The era of the cache, as PostgreSQL keeps it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Era:
    """`number` names the cache's namespace; nothing is read from it unless `trusted`."""

    number: int
    trusted: bool
