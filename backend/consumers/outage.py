"""Waiting out an outage of PostgreSQL without spending any event's attempts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from backend.domain.errors import DatabaseUnavailableError
from backend.resilience.backoff import Backoff, pause

log = logging.getLogger(__name__)

PROBE_CEILING_SECONDS = 1.0


class OutageGate:
    """Open while PostgreSQL answers. Shut by whoever finds it away, opened by a probe.

    Messages wait in front of it unacknowledged, so the prefetch limit stops the
    broker from sending more.
    """

    def __init__(self, probe: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
        self._probe = probe
        self._stopping = stopping
        self._open = asyncio.Event()
        self._open.set()
        self._probing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    async def passed(self) -> bool:
        """Wait until the gate is open; return False when the process stops."""
        await self._open.wait()
        return not self._stopping.is_set()

    def shut(self, error: DatabaseUnavailableError) -> None:
        """Hold everyone back until a probe succeeds; later calls change nothing."""
        if self.is_open:
            self._open.clear()
            log.warning("consuming pauses: %s", error)
            self._probing = asyncio.create_task(self._probe_until_open())

    async def _probe_until_open(self) -> None:
        backoff = Backoff(ceiling=PROBE_CEILING_SECONDS)
        while not self._stopping.is_set():
            await pause(self._stopping, backoff.next())
            try:
                await self._probe()
            except DatabaseUnavailableError as error:
                log.info("PostgreSQL is still away: %s", error)
            else:
                self._open.set()
                log.info("consuming goes on")
                return
        # Whoever waits must be able to end.
        self._open.set()
