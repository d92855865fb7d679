"""Would fewer api replicas carry the present load? Asked before one is taken away.

One process is one event loop: it can use one core at most, and its pool's
connections. Whatever all replicas use of both now, those that remain would share.
"""

from collections.abc import Collection

from console.control.errors import RefusedError
from console.control.services.replica_load import SOURCE, Load, LoadNow
from console.headroom_schemas import Carried, Headroom
from deploy.driver import Driver, Replica

ROLE = "api"
REMEDY = f"Scale {ROLE} up by one first"


class HeadroomCheck:
    """Holds the present against `limit`, the share of a core or pool that a replica may use."""

    def __init__(self, driver: Driver, load: LoadNow, limit: float) -> None:
        self._driver = driver
        self._load = load
        self._limit = limit

    def without(self, count: int = 1) -> Headroom:
        """Return whether the others would carry the load if `count` replicas were gone.

        Raises:
            DriverError: which replicas serve cannot be seen.
        """
        serving = serving_ids(self._driver.status().replicas)
        return estimate(self._load(), serving, len(serving) - count, self._limit)

    def losing(self, *replica_ids: str) -> Headroom:
        """Return it for these replicas; those that do not serve anyway are no loss.

        Raises:
            DriverError: which replicas serve cannot be seen.
        """
        return self.among(self._driver.status().replicas, replica_ids)

    def among(
        self, replicas: list[Replica], leaving: Collection[str], joining: int = 0
    ) -> Headroom:
        """Return whether `replicas` would carry the load without some, or with some more."""
        serving = serving_ids(replicas)
        remaining = len(set(serving).difference(leaving)) + joining
        return estimate(self._load(), serving, remaining, self._limit)


def serving_ids(replicas: list[Replica]) -> list[str]:
    """Return the api replicas that the gateway sends requests to."""
    return [each.id for each in replicas if each.role == ROLE and each.serves]


def estimate(load: Load | None, serving: list[str], remaining: int, limit: float) -> Headroom:
    """Return the answer for `serving` replicas of which `remaining` would be left. Pure."""
    left = max(remaining, 0)
    bare = Headroom(
        carries="unknown",
        serving=len(serving),
        remaining=left,
        limit=limit,
        source=SOURCE,
        words="What the replicas carry is not known: Prometheus does not say.",
    )
    if not left:
        words = "Nobody would be left to serve."
        return bare.model_copy(update={"carries": "no", "words": words})
    now = _shared(load, serving) if load else None
    if load is None or now is None:
        return bare
    then = now.shared_by(len(serving), left)
    known = {"per_second": load.per_second, "now": now, "then": then}
    answer = bare.model_copy(update=known | {"carries": "yes" if _fits(then, limit) else "no"})
    return answer.model_copy(update={"words": _words(answer, now, then)})


def _fits(then: Carried, limit: float) -> bool:
    return max(then.cpu, then.pool) <= limit


def _shared(load: Load, serving: list[str]) -> Carried | None:
    """Return what each carries on average; null when none that serves is measured."""
    if not any(name in load.cpu and name in load.pool for name in serving):
        return None
    return Carried(
        per_second=load.per_second / len(serving),
        cpu=_total(load.cpu, serving) / len(serving),
        pool=_total(load.pool, serving) / len(serving),
    )


def _total(shares: dict[str, float], serving: list[str]) -> float:
    """Return the sum over all that carried some of the last minute, gone ones included.

    Who serves and is not measured, because it has just started or cannot be scraped,
    counts as much as the others do on average.
    """
    known = [shares[name] for name in serving if name in shares]
    return sum(shares.values()) + (len(serving) - len(known)) * sum(known) / len(known)


def _words(answer: Headroom, now: Carried, then: Carried) -> str:
    return (
        f"{answer.serving} serve {answer.per_second:.1f} requests/s now: {_each(now)}. "
        f"With {answer.remaining}: {_each(then)}; the limit is {answer.limit:.0%} of either."
    )


def _each(carried: Carried) -> str:
    return (
        f"{carried.per_second:.1f} requests/s, {carried.cpu:.0%} of a core and "
        f"{carried.pool:.0%} of the pool each"
    )


def require(headroom: Headroom, *, anyway: bool) -> str:
    """Return what the audit log says of taking replicas away.

    Raises:
        RefusedError: nobody would be left, or the others would not carry the load and it
            was not asked for `anyway`.
    """
    if not headroom.remaining:
        raise RefusedError(f"{headroom.words} {REMEDY}.")
    if headroom.carries != "no":
        return headroom.words
    if not anyway:
        raise RefusedError(f"{headroom.words} {REMEDY}, or ask once more with `anyway`.")
    return f"anyway: {headroom.words}"
