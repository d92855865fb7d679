"""How far all events have come: tables and queues put together."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.broker.depths import queue_depths
from backend.broker.errors import BrokerError
from backend.broker.topology import ACTIVITY
from backend.schemas.runs import EventStats
from backend.services.activity_effect import CONSUMER
from backend.settings import Settings
from backend.storage.event_totals import EventTotals, event_totals
from backend.storage.failures import translated

LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class EventReport:
    """`queues` are messages ready by queue; None, with the reason, while the broker is away."""

    totals: EventTotals
    queues: dict[str, int] | None
    broker_error: str | None = None

    @property
    def dead(self) -> int:
        """Messages in the dead-letter queue; with the broker away, the events given up."""
        return self.totals.buried if self.queues is None else self.queues[ACTIVITY.dead]

    @property
    def waiting(self) -> dict[str, int]:
        """The queues on the way to the read model that are not empty."""
        return {
            queue: depth
            for queue, depth in (self.queues or {}).items()
            if depth and queue != ACTIVITY.dead
        }

    @property
    def is_drained(self) -> bool:
        """Every accepted event has been dealt with, and nothing is on its way."""
        totals = self.totals
        return self.queues is not None and not (totals.outbox or totals.outstanding or self.waiting)

    def stats(self) -> EventStats:
        totals = self.totals
        return EventStats(
            accepted=totals.accepted,
            outbox=totals.outbox,
            published=totals.accepted - totals.outbox,
            consumed=totals.consumed,
            duplicates=totals.duplicates,
            dead=self.dead,
            lag_seconds=round(totals.lag_seconds, 3),
            by_type=totals.by_type,
        )

    def left(self) -> str:
        """Say in words what a drain still waits for."""
        totals = self.totals
        parts = [f"{totals.outbox} in the outbox", f"{totals.outstanding} not dealt with"]
        parts += [f"{depth} in {queue}" for queue, depth in self.waiting.items()]
        return ", ".join([*parts, *filter(None, [self.broker_error])])


async def event_report(engine: AsyncEngine, settings: Settings) -> EventReport:
    """Look at the tables and the queues once.

    Raises:
        DatabaseUnavailableError: the tables cannot be read.
    """
    with translated():
        totals = await event_totals(engine, CONSUMER)
    try:
        return EventReport(totals, await queue_depths(settings, ACTIVITY))
    except BrokerError as error:
        return EventReport(totals, None, str(error))


async def drain(
    engine: AsyncEngine,
    settings: Settings,
    seconds: float,
    on_look: Callable[[EventReport], None],
) -> EventReport:
    """Look until all is drained, or `seconds` are over; return the last look.

    Raises:
        DatabaseUnavailableError: the tables cannot be read.
    """
    end = time.monotonic() + seconds
    while True:
        report = await event_report(engine, settings)
        on_look(report)
        if report.is_drained or time.monotonic() >= end:
            return report
        await asyncio.sleep(LOOK_SECONDS)
