"""Handling users side by side, and each user's messages one after another."""

import asyncio
import contextlib
import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from backend.broker.deliveries import Delivery
from backend.domain.messages import Envelope
from backend.resilience.backoff import Backoff


@dataclass(order=True, slots=True)
class InHand:
    """An unacknowledged message; `arrived` is the loop's time. Ordered by sequence."""

    sequence: int
    arrived: float
    envelope: Envelope = field(compare=False)
    delivery: Delivery = field(compare=False)
    outages: Backoff = field(default_factory=Backoff, compare=False)


class Lane:
    """One user's messages in hand, the lowest sequence first."""

    def __init__(self) -> None:
        self._heap: list[InHand] = []
        self._earlier = asyncio.Event()

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, message: InHand) -> None:
        """Add a message that has arrived."""
        if not self._heap or message < self._heap[0]:
            self._earlier.set()
        heapq.heappush(self._heap, message)

    def pop(self) -> InHand:
        """Take the message with the lowest sequence."""
        self._earlier.clear()
        return heapq.heappop(self._heap)

    def put_back(self, message: InHand) -> None:
        """Return a message whose turn has not come."""
        heapq.heappush(self._heap, message)

    def take_arrived_before(self, moment: float) -> list[InHand]:
        """Take every message that has been in hand since before `moment`, in order."""
        overdue = sorted(message for message in self._heap if message.arrived < moment)
        self._heap = [message for message in self._heap if message.arrived >= moment]
        heapq.heapify(self._heap)
        return overdue

    async def wait_for_earlier(self, seconds: float) -> None:
        """Wait until a message arrives that goes before all others, `seconds` at most."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._earlier.wait(), seconds)


class Lanes:
    """Runs `work` on a lane as long as it has messages; `fault` holds what it raised."""

    def __init__(self, work: Callable[[Lane], Awaitable[None]]) -> None:
        self._work = work
        self._lanes: dict[UUID, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.fault: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    def add(self, user_id: UUID, message: InHand) -> None:
        """Put a message into its user's lane."""
        lane = self._lanes.get(user_id)
        if lane is None:
            lane = self._lanes[user_id] = Lane()
            self.start(self._run(user_id, lane))
        lane.push(message)

    def start(self, work: Awaitable[None]) -> None:
        """Run something beside the lanes that ends and fails with them."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def finish(self, seconds: float) -> None:
        """Wait until all work has ended, `seconds` at most, then cancel the rest."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, user_id: UUID, lane: Lane) -> None:
        try:
            await self._work(lane)
        finally:
            # No await lies between the work's end and this line: no message slips in between.
            del self._lanes[user_id]

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if not self.fault.done():
            self.fault.set_result(error)
