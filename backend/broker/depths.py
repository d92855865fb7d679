"""How many messages wait in each queue, asked of the broker itself."""

from backend.broker.errors import LinkLostError
from backend.broker.links import Link
from backend.broker.topology import ConsumerQueues
from backend.settings import Settings


async def queue_depths(settings: Settings, queues: ConsumerQueues) -> dict[str, int]:
    """Return the messages that are ready in each queue; an undeclared queue has none.

    Messages in a consumer's hands are not counted.

    Raises:
        BrokerUnavailableError: no connection could be opened.
    """
    link = await Link.open(settings)
    try:
        return {queue: await _depth(link, queue) for queue in queues.arguments()}
    finally:
        await link.close()


async def _depth(link: Link, queue: str) -> int:
    # A channel each: asking for a queue that does not exist closes the channel.
    channel = await link.channel()
    try:
        declared = await channel.call("queue_declare", queue=queue, passive=True)
    except LinkLostError:
        if not link.is_open:
            raise
        return 0
    return int(declared.method.message_count)
