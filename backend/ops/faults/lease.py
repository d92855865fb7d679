"""A fault that is held under its lease, from the injection until nothing is left of it."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from backend.ops.faults.effects import Effect
from backend.schemas.faults import Fault, State
from backend.schemas.replica_faults import ReplicaInjection, Selection

logger = logging.getLogger(__name__)

# An undo takes milliseconds; what is still there after this long needs somebody to look.
STUCK_SECONDS = 5.0


class End(StrEnum):
    """Why a fault ends; the `event.action` of its last line."""

    EXPIRED = "fault-expired"
    REVERTED = "fault-reverted"


@dataclass(slots=True)
class Held:
    """One fault; `deadline` and `ending_since` are readings of the registry's clock, seconds."""

    injection: ReplicaInjection
    effect: Effect
    injected_at: datetime
    lease_seconds: float
    deadline: float
    end: End | None = None
    ending_since: float = 0.0
    told_stuck: bool = False

    def renew(self, seconds: float, now: float) -> None:
        self.lease_seconds, self.deadline = seconds, now + seconds

    def begin_end(self, end: End, now: float) -> None:
        """Begin the undo, once; one that fails is told of, and keeps no other from its end."""
        if self.end is not None:
            return
        self.end, self.ending_since = end, now
        try:
            self.effect.stop()
        except Exception:
            logger.exception("The undo of the fault %s failed", self.injection.id)

    def state(self, now: float) -> State:
        if self.end is None:
            return State.ACTIVE
        stuck = now - self.ending_since > STUCK_SECONDS
        return State.STUCK if stuck else State.REVERTING

    def same_content(self, other: ReplicaInjection) -> bool:
        """Return whether `other` asks for the same; how long a lease it wants is no content."""
        return all(
            getattr(self.injection, name) == getattr(other, name)
            for name in ("kind", "target", "arguments")
        )

    def overlaps(self, other: ReplicaInjection) -> bool:
        """Return whether both would be at work in one place, and neither's effect be known."""
        return self.injection.kind == other.kind and _meet(_route(self.injection), _route(other))

    def shown(self, now: float) -> Fault:
        left = max(0.0, self.deadline - now)
        return Fault(
            id=self.injection.id,
            kind=self.injection.kind,
            target=self.injection.target,
            arguments=self.injection.arguments.model_dump(),
            lease_seconds=self.lease_seconds,
            injected_at=self.injected_at,
            expires_at=datetime.now(UTC) + timedelta(seconds=left),
            expires_in_seconds=left,
            state=self.state(now),
            detail=self.effect.detail(),
        )


def _route(injection: ReplicaInjection) -> str | None:
    arguments = injection.arguments
    return arguments.route if isinstance(arguments, Selection) else None


def _meet(route: str | None, other: str | None) -> bool:
    return route is None or other is None or route == other
