"""Sends at the times that the schedule gives, whatever the answers do.

In a closed loop a slow server slows its own load down and the worst latencies
are never measured ("coordinated omission", Gil Tene). Here a request leaves
when it is due, and its latency counts from that moment.
"""

import asyncio
from collections.abc import Awaitable, Callable

from chaos.traffic.strain import Strain
from chaos.traffic.tally import OVERLOAD, Outcome, Tally
from chaos.traffic.work import Schedule, Work

MAX_IN_FLIGHT = 2000
LONGEST_SLEEP = 0.2
STOPPED = "stopped before its answer came"


class OpenLoop:
    """One run. `stop` ends the schedule; what is in flight is still waited for."""

    def __init__(
        self,
        perform: Callable[[Work], Awaitable[Outcome]],
        tally: Tally,
        strain: Strain,
        *,
        max_in_flight: int = MAX_IN_FLIGHT,
    ) -> None:
        self._perform = perform
        self._tally = tally
        self._strain = strain
        self._limit = max_in_flight
        self.in_flight = 0
        self.stopped = False

    def stop(self) -> None:
        """Send nothing more."""
        self.stopped = True

    async def run(self, schedule: Schedule) -> None:
        """Send all that is scheduled and wait for every answer.

        Cancelling it gives up what is in flight and counts it as failed.
        """
        clock = asyncio.get_running_loop().time
        start = clock()
        async with asyncio.TaskGroup() as requests:
            for offset, work in schedule:
                if not await self._wait_until(start + offset):
                    return
                self._tally.begin(clock())
                if self.in_flight >= self._limit:
                    self._tally.fail(OVERLOAD)
                    continue
                self.in_flight += 1
                requests.create_task(self._one(work, start + offset))

    async def _wait_until(self, due: float) -> bool:
        """Return False when the run was stopped. Yields at least once: answers get their turn."""
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(0)
        # An event to wait on would cost a further task a request.
        while not self.stopped and (left := due - clock()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(left, LONGEST_SLEEP))
        return not self.stopped

    async def _one(self, work: Work, due: float) -> None:
        clock = asyncio.get_running_loop().time
        self._strain.left(clock() - due)
        try:
            outcome = await self._perform(work)
        except asyncio.CancelledError:
            self._tally.fail(STOPPED)
            raise
        finally:
            self.in_flight -= 1
        self._tally.end(outcome, clock() - due)
