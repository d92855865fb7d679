"""Publishing with confirms: what happened to each message is told by a future.

The broker confirms by delivery tag, one or all up to a tag. A message that no
queue took is first returned and then acknowledged, so a return decides.
Source: https://www.rabbitmq.com/docs/confirms#when-publishes-are-confirmed
"""

import asyncio
import logging
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

import pika
from pika import exceptions, spec

from backend.broker.channels import Channel
from backend.broker.links import Link

log = logging.getLogger(__name__)


class Confirm(StrEnum):
    """How the broker answered; `lost` means that nobody knows."""

    ACKED = "acked"
    NACKED = "nacked"
    RETURNED = "returned"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A persistent message; an empty exchange sends to the queue named by the routing key."""

    exchange: str
    routing_key: str
    message_id: str
    body: bytes
    headers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pending:
    message_id: str
    answer: asyncio.Future[Confirm]


class Publisher:
    """Publishes on a channel of its own; `unconfirmed` messages are on their way."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._pending: dict[int, _Pending] = {}
        self._returned: set[str] = set()
        self._last_tag = 0

    @classmethod
    async def open(cls, link: Link) -> Self:
        """Open a channel in confirm mode.

        Raises:
            LinkLostError: the connection has closed.
        """
        channel = await link.channel()
        publisher = cls(channel)
        channel.raw.add_on_return_callback(publisher._on_return)
        await channel.call("confirm_delivery", ack_nack_callback=publisher._on_confirm)
        channel.closed.add_done_callback(lambda _closed: publisher._lose_all())
        return publisher

    @property
    def unconfirmed(self) -> int:
        return len(self._pending)

    def publish(self, message: Outgoing) -> asyncio.Future[Confirm]:
        """Send `message`; the future tells how the broker answered, and never raises."""
        answer: asyncio.Future[Confirm] = asyncio.get_running_loop().create_future()
        try:
            self.channel.raw.basic_publish(
                message.exchange,
                message.routing_key,
                message.body,
                _properties(message),
                mandatory=True,
            )
        except exceptions.AMQPError as error:
            log.warning("message %s was not sent: %r", message.message_id, error)
            # On a channel that is still open it cannot be encoded: that is a refusal.
            answer.set_result(Confirm.NACKED if self.channel.is_open else Confirm.LOST)
            return answer
        self._last_tag += 1
        self._pending[self._last_tag] = _Pending(message.message_id, answer)
        return answer

    def _on_return(self, _channel: object, _method: object, properties: Any, _body: bytes) -> None:
        self._returned.add(properties.message_id)

    def _on_confirm(self, frame: Any) -> None:
        outcome = Confirm.ACKED if isinstance(frame.method, spec.Basic.Ack) else Confirm.NACKED
        tag = frame.method.delivery_tag
        for confirmed in self._up_to(tag) if frame.method.multiple else [tag]:
            self._settle(confirmed, outcome)

    def _up_to(self, tag: int) -> list[int]:
        # Tags were added in rising order, so those confirmed are at the front.
        tags = []
        for pending in self._pending:
            if pending > tag:
                break
            tags.append(pending)
        return tags

    def _settle(self, tag: int, outcome: Confirm) -> None:
        pending = self._pending.pop(tag)
        if pending.message_id in self._returned:
            self._returned.discard(pending.message_id)
            outcome = Confirm.RETURNED
        if not pending.answer.done():
            pending.answer.set_result(outcome)

    def _lose_all(self) -> None:
        for tag in list(self._pending):
            self._settle(tag, Confirm.LOST)


def _properties(message: Outgoing) -> pika.BasicProperties:
    return pika.BasicProperties(
        content_type="application/cloudevents+json",
        delivery_mode=pika.DeliveryMode.Persistent.value,
        message_id=message.message_id,
        headers=message.headers,
    )
