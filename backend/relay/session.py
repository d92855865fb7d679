"""Relaying over one link: batches as long as there are any, then short polls."""

import asyncio
import logging
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from backend.broker.errors import LinkLostError
from backend.broker.links import Link
from backend.broker.publisher import Confirm, Publisher
from backend.broker.topology import ACTIVITY, ConsumerQueues, declare
from backend.domain.errors import DatabaseUnavailableError
from backend.observability.spans import Spans, Unrecorded
from backend.relay.forwarding import Batch, Forwarder
from backend.relay.metrics import RelayMetrics
from backend.resilience.backoff import Backoff, pause

log = logging.getLogger(__name__)

# A batch costs five round trips however small it is; events may be seconds old when they are read.
SHORTEST_POLL_SECONDS = 0.05
LONGEST_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class RelaySession:
    """What outlives a link; `serve` is called with each new one."""

    engine: AsyncEngine
    metrics: RelayMetrics
    stopping: asyncio.Event
    queues: ConsumerQueues = ACTIVITY
    spans: Spans = field(default_factory=Unrecorded)

    async def serve(self, link: Link) -> None:
        """Relay until told to stop; a batch under way is finished.

        Raises:
            LinkLostError: the link is gone, or the broker answered a message
                with silence or by returning it, so that a new link and a new
                declaration of the queues are due.
        """
        await declare(await link.channel(), self.queues)
        publisher = await Publisher.open(link)
        forwarder = Forwarder(self.engine, publisher, self.metrics, self.spans)
        outages, refusals, poll = Backoff(), Backoff(), SHORTEST_POLL_SECONDS
        while not self.stopping.is_set():
            if publisher.channel.closed.done():
                raise LinkLostError(publisher.channel.closed.result())
            try:
                batch = await forwarder.forward()
            except DatabaseUnavailableError as error:
                delay = outages.next()
                log.warning("the outbox cannot be read, next attempt in %.1f s: %s", delay, error)
                await pause(self.stopping, delay)
                continue
            outages.reset()
            poll = SHORTEST_POLL_SECONDS if batch.taken else min(2 * poll, LONGEST_POLL_SECONDS)
            await self._rest(batch, refusals, poll)

    async def _rest(self, batch: Batch, refusals: Backoff, poll: float) -> None:
        if batch.failed & {Confirm.LOST, Confirm.RETURNED}:
            raise LinkLostError(f"the broker left messages {', '.join(sorted(batch.failed))}")
        if batch.failed:
            delay = refusals.next()
            log.warning("the broker refused messages, next attempt in %.1f s", delay)
            await pause(self.stopping, delay)
            return
        refusals.reset()
        if not batch.is_full:
            await pause(self.stopping, poll)
