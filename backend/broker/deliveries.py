"""Receiving with manual acknowledgement and a bounded number in hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from backend.broker.channels import Channel
from backend.broker.errors import LinkLostError
from backend.broker.links import Link


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message in hand, bound to the channel it came by.

    Answering after that channel has closed does nothing: the broker has
    already taken the message back, and delivers it anew.
    """

    channel: Channel
    tag: int
    message_id: str | None
    headers: dict[str, Any]
    body: bytes

    @property
    def is_live(self) -> bool:
        return self.channel.is_open

    def ack(self) -> None:
        """Tell the broker that the message has been dealt with."""
        if self.is_live:
            self.channel.raw.basic_ack(self.tag)


class Subscription:
    """A running consumer of one queue; `channel.closed` tells when it has ended."""

    def __init__(self, channel: Channel, tag: str) -> None:
        self.channel = channel
        self._tag = tag

    @classmethod
    async def start(
        cls, link: Link, queue: str, prefetch: int, on_delivery: Callable[[Delivery], None]
    ) -> Self:
        """Consume `queue`, with at most `prefetch` messages unanswered at a time.

        Raises:
            LinkLostError: the connection closed, or the queue does not exist.
        """
        channel = await link.channel()
        await channel.call("basic_qos", prefetch_count=prefetch)

        def receive(_raw: object, method: Any, properties: Any, body: bytes) -> None:
            on_delivery(
                Delivery(
                    channel=channel,
                    tag=method.delivery_tag,
                    message_id=properties.message_id,
                    headers=dict(properties.headers or {}),
                    body=body,
                )
            )

        # The queue's deletion cancels the consumer without closing the channel: close it.
        channel.raw.add_on_cancel_callback(lambda _frame: channel.raw.close())
        started = await channel.call("basic_consume", queue=queue, on_message_callback=receive)
        return cls(channel, started.method.consumer_tag)

    async def stop(self) -> None:
        """Take no further messages; those in hand can still be answered."""
        if not self.channel.is_open:
            return
        try:
            await self.channel.call("basic_cancel", consumer_tag=self._tag)
        except LinkLostError:
            # The broker took everything back; there is nothing left to stop.
            return
