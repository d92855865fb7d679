"""A flood of events: real ones, posted at the gateway, of a few users or of one alone.

It lasts as long as its lease, and ends with the agent: the next one goes on with it
until then. What was accepted is kept like any event.
"""

from collections.abc import Callable, Sequence

from deploy.home import Home
from deploy.local.agent.faults.deed import UNDO_SECONDS, Arm
from deploy.local.agent.faults.leases import Lease
from deploy.local.agent.faults.posting import Posting
from deploy.local.agent.faults.running import require_gateway

FLOOD = "flood"
Post = Callable[[Lease], Posting]


class Flood:
    """`post` begins to post for a lease."""

    def __init__(self, home: Home, post: Post) -> None:
        self._home = home
        self._post = post
        self._postings: dict[str, Posting] = {}

    def claim(self, lease: Lease) -> str:  # noqa: ARG002
        return "the flood of events"

    def check(self, lease: Lease) -> None:  # noqa: ARG002
        """Refuse while there is no gateway.

        Raises:
            NotRunningError: it does not run.
        """
        require_gateway(self._home)

    def make(self, lease: Lease, arm: Arm) -> Lease:  # noqa: ARG002
        self.keep(lease)
        return lease

    def missing(self, lease: Lease) -> str:
        posting = self._postings.get(lease.id)
        accepted = posting is not None and posting.accepted
        return "" if accepted else "the gateway has not accepted an event yet"

    def keep(self, lease: Lease) -> None:
        if lease.id not in self._postings:
            self._postings[lease.id] = self._post(lease)

    def undo(self, lease: Lease) -> None:
        if posting := self._postings.get(lease.id):
            posting.stop()

    def left(self, lease: Lease) -> str:
        posting = self._postings.get(lease.id)
        if posting is not None and posting.under_way:
            return "some of its requests are still under way"
        self._postings.pop(lease.id, None)
        return ""

    def patience(self, lease: Lease) -> float:  # noqa: ARG002
        return UNDO_SECONDS

    def own_requests(self, lease: Lease) -> int:
        posting = self._postings.get(lease.id)
        return posting.answered if posting else 0

    def words(self, lease: Lease) -> str:
        posting = self._postings.get(lease.id)
        return posting.words() if posting else "nothing is posted"

    def residue(self, held: Sequence[Lease]) -> list[str]:
        return [f"the flood {name} has no lease" for name in self._loose(held)]

    def sweep(self, held: Sequence[Lease]) -> None:
        for posting in self._loose(held).values():
            posting.stop()

    def _loose(self, held: Sequence[Lease]) -> dict[str, Posting]:
        known = {lease.id for lease in held}
        # Of a copy: whoever reads back does so while others begin and end.
        postings = [*self._postings.items()]
        return {name: each for name, each in postings if each.under_way and name not in known}
