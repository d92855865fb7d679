"""What exists in the broker: declared idempotently by whoever connects first.

One topic exchange takes every event. A consumer owns a main queue, a queue a
retry delay whose messages return to the main queue when their time is over, and
a dead-letter queue. All are quorum queues. A retry queue forwards at least
once, which RabbitMQ (3.10 on) offers only together with `reject-publish`:
https://www.rabbitmq.com/docs/quorum-queues#dead-lettering
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from backend.broker.channels import Channel

EXCHANGE = "pharos.events"
RETRY_DELAYS = (1.0, 5.0, 25.0)

_QUORUM = {"x-queue-type": "quorum"}


@dataclass(frozen=True, slots=True)
class ConsumerQueues:
    """The queues of one consumer; `retries` are (delay in seconds, queue), shortest first."""

    main: str
    retries: tuple[tuple[float, str], ...]
    dead: str

    @classmethod
    def of(cls, consumer: str, delays: Sequence[float] = RETRY_DELAYS) -> Self:
        main = f"pharos.{consumer}"
        return cls(
            main=main,
            retries=tuple((delay, f"{main}.retry.{delay:g}s") for delay in delays),
            dead=f"{main}.dead",
        )

    @property
    def delays(self) -> tuple[float, ...]:
        """Return the seconds before the second, third, … attempt."""
        return tuple(delay for delay, _ in self.retries)

    def arguments(self) -> dict[str, dict[str, Any]]:
        """Return each queue's name and the arguments it is declared with."""
        return {
            self.main: _QUORUM,
            **{queue: _retry_arguments(delay, self.main) for delay, queue in self.retries},
            self.dead: _QUORUM,
        }


ACTIVITY = ConsumerQueues.of("activity")


def _retry_arguments(delay: float, main: str) -> dict[str, Any]:
    return {
        **_QUORUM,
        "x-message-ttl": int(delay * 1000),
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": main,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


async def declare(channel: Channel, queues: ConsumerQueues = ACTIVITY) -> None:
    """Make sure that the exchange, the queues and the binding exist.

    Raises:
        LinkLostError: the broker went away, or has one of them with other
            arguments; the message names it.
    """
    await channel.call("exchange_declare", exchange=EXCHANGE, exchange_type="topic", durable=True)
    for queue, arguments in queues.arguments().items():
        await channel.call("queue_declare", queue=queue, durable=True, arguments=arguments)
    await channel.call("queue_bind", queue=queues.main, exchange=EXCHANGE, routing_key="#")
