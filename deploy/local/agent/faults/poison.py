"""A poison message: one that the worker cannot read, and so puts to the dead letters.

It bears the lease's id as its own. It is taken out again where nobody else's can be
hit: at the head of a queue of dead letters that was empty when it came. A lease that
is lost leaves a dead letter like any other, which DeadLetters tells of.
"""

import logging
from collections.abc import Sequence
from typing import Protocol

from deploy.local.agent.faults.deed import Arm
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.queues import Message
from deploy.local.agent.faults.refusals import NotRunningError, OverlapError
from deploy.local.launch import uptime

logger = logging.getLogger(__name__)

QUEUE = "pharos.activity"
DEAD = f"{QUEUE}.dead"
# The worker deals with it within moments; one that nobody is known to have dealt with may be late.
UNDER_WAY_SECONDS = 10.0
PATIENCE = 15.0


class Broker(Protocol):
    """See `queues.Queues`."""

    def consumers(self, queue: str) -> int: ...

    def head(self, queue: str) -> str | None: ...

    def take(self, queue: str) -> Message | None: ...

    def publish(self, queue: str, message_id: str, payload: str) -> None: ...

    def put_back(self, queue: str, message: Message) -> None: ...


class Poison:
    """`make` publishes it, `undo` drains it, and it alone."""

    def __init__(self, queues: Broker) -> None:
        self._queues = queues

    def claim(self, lease: Lease) -> str:  # noqa: ARG002
        return f"the messages of {QUEUE}"

    def check(self, lease: Lease) -> None:  # noqa: ARG002
        """Refuse while nobody consumes, and where dead letters lie already.

        Raises:
            NotRunningError: the message would lie in the queue until somebody comes.
            OverlapError: those that lie there could not be told from the drill's own.
        """
        try:
            consumers, head = self._queues.consumers(QUEUE), self._queues.head(DEAD)
        except OSError as error:
            raise NotRunningError(f"RabbitMQ cannot be asked: {error}") from error
        if consumers == 0:
            raise NotRunningError(f"nobody consumes {QUEUE}: `pharos status` says why")
        if head is not None:
            raise OverlapError(
                f"{DEAD} is not empty: deal with what lies there first (DeadLetters)"
            )

    def make(self, lease: Lease, arm: Arm) -> Lease:  # noqa: ARG002
        self._queues.publish(QUEUE, message_of(lease), "{}")
        return lease

    def missing(self, lease: Lease) -> str:
        lies = self._queues.head(DEAD) == message_of(lease)
        return "" if lies else f"the worker has not put it into {DEAD} yet"

    def keep(self, lease: Lease) -> None:
        """It lies there until somebody takes it out."""

    def undo(self, lease: Lease) -> None:
        wanted = message_of(lease)
        if self._queues.head(DEAD) != wanted:
            return
        taken = self._queues.take(DEAD)
        if taken is None or taken.message_id == wanted:
            return
        # Somebody else took ours between the two calls: what is not ours goes back.
        self._queues.put_back(DEAD, taken)
        logger.warning("A dead letter that is not the drill's was put back into %s", DEAD)

    def left(self, lease: Lease) -> str:
        if self._queues.head(DEAD) == message_of(lease):
            return f"its message lies in {DEAD}"
        if not lease.made and uptime() - lease.since < UNDER_WAY_SECONDS:
            return "its message may still be on its way through the worker"
        return ""

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return PATIENCE

    def words(self, lease: Lease) -> str:
        return f"the message {message_of(lease)} was put into {DEAD} by the worker"

    def residue(self, held: Sequence[Lease]) -> list[str]:  # noqa: ARG002
        return []

    def sweep(self, held: Sequence[Lease]) -> None:
        """A dead letter that nobody holds is told as such, and is for a person to look at."""


def message_of(lease: Lease) -> str:
    """Return the message's id: not a UUID, which is what the worker cannot read."""
    return f"poison-{lease.id}"
