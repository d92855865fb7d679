"""Answering for messages: through a retry queue, to the dead-letter queue, or just an ack.

A message is acknowledged only after its copy was confirmed. A copy that is not
confirmed ends the session: everything in hand comes again over a new link.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from backend.broker.deliveries import Delivery
from backend.broker.errors import LinkLostError
from backend.broker.publisher import Confirm, Outgoing, Publisher
from backend.broker.topology import ConsumerQueues
from backend.consumers.lanes import InHand
from backend.domain.messages import Envelope

REASON = "pharos-reason"
DIED_AT = "pharos-died-at"
ORIGINAL_HEADERS = "pharos-original-headers"
REASON_CHARACTERS = 500
HEADER_CHARACTERS = 2000


class Settling:
    """Sends copies over one link; each method raises LinkLostError when one is not confirmed."""

    def __init__(self, publisher: Publisher, queues: ConsumerQueues) -> None:
        self._publisher = publisher
        self._queues = queues
        self._retry_queues = dict(queues.retries)

    async def retry(self, message: InHand, delay: float) -> None:
        """Send a failed message round by the queue that returns it after `delay` seconds."""
        envelope = message.envelope.failed_once_more()
        await self._send(self._retry_queues[delay], message.delivery, envelope.headers())
        message.delivery.ack()

    async def park(self, messages: Sequence[InHand]) -> None:
        """Send early messages round by the shortest retry queue; no attempt is counted."""
        _, shortest = self._queues.retries[0]
        copies = [
            self._send(shortest, message.delivery, message.envelope.deferred_once_more().headers())
            for message in messages
        ]
        await asyncio.gather(*copies)
        for message in messages:
            message.delivery.ack()

    async def to_dead_letters(self, delivery: Delivery, envelope: Envelope, reason: str) -> None:
        """Copy a message that was given up; the caller acknowledges it."""
        await self._send(self._queues.dead, delivery, {**envelope.headers(), **_obituary(reason)})

    async def bury_unreadable(self, delivery: Delivery, reason: str) -> None:
        """Move a message without an envelope; its headers go along as text, whatever they are."""
        original = {ORIGINAL_HEADERS: repr(delivery.headers)[:HEADER_CHARACTERS]}
        await self._send(self._queues.dead, delivery, {**original, **_obituary(reason)})
        delivery.ack()

    async def _send(self, queue: str, delivery: Delivery, headers: dict[str, Any]) -> None:
        copy = Outgoing("", queue, delivery.message_id or "", delivery.body, headers)
        confirm = await self._publisher.publish(copy)
        if confirm is not Confirm.ACKED:
            raise LinkLostError(f"a copy for {queue} was {confirm}")


def _obituary(reason: str) -> dict[str, str]:
    return {REASON: reason[:REASON_CHARACTERS], DIED_AT: datetime.now(UTC).isoformat()}
