"""The blast radius: never the last replica that serves, and nothing while some are away already."""

from collections import defaultdict
from dataclasses import dataclass

from console.control.services.guards.guard import Answer, Asked, ok, refused
from console.schemas import GuardProfile, Hit
from deploy.driver import Driver, Replica


@dataclass(frozen=True, slots=True)
class Fleet:
    """A role's replicas beside the number that is wanted of it."""

    role: str
    wanted: int
    replicas: list[Replica]

    @property
    def serving(self) -> int:
        return sum(row.serves for row in self.replicas)

    @property
    def is_whole(self) -> bool:
        return self.serving == len(self.replicas) == self.wanted

    @property
    def serves_requests(self) -> bool:
        """What serves requests has an address: its last replica is all that users have."""
        return any(row.address is not None for row in self.replicas)

    @property
    def words(self) -> str:
        aside = [f"{row.id} in {row.aside.kind}" for row in self.replicas if row.aside]
        told = f" ({', '.join(aside)})" if aside else ""
        return f"{self.role} {self.serving} of {self.wanted}{told}"


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """Asks the driver who serves."""

    driver: Driver

    def __call__(self, asked: Asked) -> Answer:
        fleets = self._fleets()
        counts = f"Replicas that serve: {', '.join(fleet.words for fleet in fleets.values())}."
        if not all(fleet.is_whole for fleet in fleets.values()):
            return refused(
                counts,
                "Wait until all that are wanted serve (`pharos status`), and release what is put "
                "aside.",
            )
        for hit in asked.experiment.hits:
            fleet = fleets.get(hit.target)
            if fleet is not None and fleet.serves_requests:
                remedy = _too_much(hit, fleet, asked.profile)
                if remedy:
                    return refused(f"{counts} {_aim(hit)}.", remedy)
        return ok(counts)

    def _fleets(self) -> dict[str, Fleet]:
        rows: dict[str, list[Replica]] = defaultdict(list)
        for replica in self.driver.status().replicas:
            rows[replica.role].append(replica)
        return {role: Fleet(role, self.driver.desired(role), rows[role]) for role in sorted(rows)}


def _too_much(hit: Hit, fleet: Fleet, profile: GuardProfile) -> str | None:
    """Return what to do about a hit that would leave nobody to serve; null where some are left."""
    if not hit.each:
        return None if fleet.serving > 1 else f"Scale {fleet.role} to 2 or more first."
    if not hit.takes_away or (hit.allow_last and profile == "game-day"):
        return None
    if hit.allow_last:
        return "An admin may run it on a game day: `--profile game-day`."
    return "Let the experiment hit one replica, or say `allow_last`."


def _aim(hit: Hit) -> str:
    return f"It hits every {hit.target} replica" if hit.each else f"It hits 1 of {hit.target}"
