"""Consuming over one link: from the declaration of the queues to the last ack."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from backend.broker.deliveries import Subscription
from backend.broker.errors import BrokerError, LinkLostError
from backend.broker.links import Link
from backend.broker.publisher import Publisher
from backend.broker.topology import ACTIVITY, ConsumerQueues, declare
from backend.consumers.activity import ActivityConsumer
from backend.consumers.metrics import ConsumerMetrics
from backend.consumers.outage import OutageGate
from backend.observability.errors import ErrorReports
from backend.observability.spans import Spans, Unrecorded
from backend.services.activity_effect import ActivityEffect

PREFETCH = 200


@dataclass(frozen=True, slots=True)
class ActivitySession:
    """What outlives a link; `serve` is called with each new one."""

    effect: ActivityEffect
    gate: OutageGate
    stopping: asyncio.Event
    metrics: ConsumerMetrics
    errors: ErrorReports
    concurrency: int
    finish_seconds: float
    queues: ConsumerQueues = ACTIVITY
    spans: Spans = field(default_factory=Unrecorded)

    async def serve(self, link: Link) -> None:
        """Consume until told to stop; then finish what is being handled.

        Raises:
            LinkLostError: the link is gone, or a copy was not confirmed; all
                that was in hand has been dropped and will be delivered again.
        """
        await declare(await link.channel(), self.queues)
        publisher = await Publisher.open(link)
        consumer = ActivityConsumer(
            effect=self.effect,
            queues=self.queues,
            publisher=publisher,
            gate=self.gate,
            stopping=self.stopping,
            metrics=self.metrics,
            errors=self.errors,
            spans=self.spans,
            concurrency=self.concurrency,
        )
        patience = 0.0
        try:
            subscription = await Subscription.start(
                link, self.queues.main, PREFETCH, consumer.receive
            )
            await self._until_over(subscription, publisher, consumer)
            await subscription.stop()
            patience = self.finish_seconds
        finally:
            await consumer.lanes.finish(patience)

    async def _until_over(
        self, subscription: Subscription, publisher: Publisher, consumer: ActivityConsumer
    ) -> None:
        stop = asyncio.create_task(self.stopping.wait())
        closed = {subscription.channel.closed, publisher.channel.closed}
        fault = consumer.lanes.fault
        try:
            ends: set[asyncio.Future[Any]] = {stop, fault, *closed}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
        if fault.done():
            self._raise(fault.result())
        for channel in closed:
            if channel.done():
                raise LinkLostError(channel.result())

    def _raise(self, reason: BaseException) -> None:
        if not isinstance(reason, BrokerError):
            self.errors.capture(
                reason, "the consumer cannot go on with this link", route="consume activity"
            )
        raise LinkLostError(f"{type(reason).__name__}: {reason}") from reason
