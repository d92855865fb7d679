"""What goes on beside relaying, whether the broker is there or not.

The outbox is measured and pruned, and the answers to keyed requests are
forgotten; the relay does it since one of it suffices.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.domain.errors import DatabaseUnavailableError
from backend.relay.metrics import RelayMetrics
from backend.resilience.backoff import pause
from backend.storage.expiry import remove_old_answers
from backend.storage.outbox_reading import OutboxReading
from backend.storage.rejection import rejection_apart

log = logging.getLogger(__name__)

MEASURE_SECONDS = 1.0
PRUNE_SECONDS = 5.0
KEEP_PUBLISHED = timedelta(hours=1)
PRUNE_BATCH = 1000
FORGET_SECONDS = 300.0
KEEP_ANSWERS = timedelta(days=1)


class Housekeeping:
    """Each task goes on through an outage of PostgreSQL: it says so, and tries again."""

    def __init__(self, engine: AsyncEngine, metrics: RelayMetrics, stopping: asyncio.Event) -> None:
        self._engine = engine
        self._metrics = metrics
        self._stopping = stopping

    async def run(self) -> None:
        """Measure, prune and forget until the process stops."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._repeat(self.measure, MEASURE_SECONDS))
            tasks.create_task(self._repeat(self.prune, PRUNE_SECONDS))
            tasks.create_task(self._repeat(self.forget, FORGET_SECONDS))

    async def measure(self) -> None:
        """Expose the outbox's depth and the age of its oldest pending row."""
        async with self._engine.connect() as connection:
            self._metrics.measured(await OutboxReading(connection).backlog())

    async def prune(self) -> None:
        """Remove rows that were published more than KEEP_PUBLISHED ago, in short transactions."""
        removed = PRUNE_BATCH
        while removed == PRUNE_BATCH and not self._stopping.is_set():
            async with self._engine.begin() as connection:
                removed = await OutboxReading(connection).prune(KEEP_PUBLISHED, PRUNE_BATCH)

    async def forget(self) -> None:
        """Remove answers to keyed requests that are older than KEEP_ANSWERS."""
        removed = PRUNE_BATCH
        while removed == PRUNE_BATCH and not self._stopping.is_set():
            async with self._engine.begin() as connection:
                removed = await remove_old_answers(connection, KEEP_ANSWERS, PRUNE_BATCH)

    async def _repeat(self, task: Callable[[], Awaitable[None]], seconds: float) -> None:
        while not self._stopping.is_set():
            try:
                with rejection_apart(self._metrics.failures):
                    await task()
            except DatabaseUnavailableError as error:
                log.info("%s was put off: %s", task.__name__, error)
            await pause(self._stopping, seconds)
