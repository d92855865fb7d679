"""What the product relies on from RabbitMQ, asked of a real one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend.broker.deliveries import Delivery, Subscription
from backend.broker.depths import queue_depths
from backend.broker.errors import BrokerUnavailableError, LinkLostError
from backend.broker.links import Link
from backend.broker.publisher import Confirm, Outgoing, Publisher
from backend.broker.topology import EXCHANGE, ConsumerQueues, declare
from backend.settings import Settings
from tests.fixtures.running import PATIENCE

pytestmark = pytest.mark.stack

QUEUES = ConsumerQueues.of("activity", delays=(0.05, 0.1))


@pytest_asyncio.fixture
async def link(with_vhost: Settings) -> AsyncIterator[Link]:
    link = await Link.open(with_vhost)
    await declare(await link.channel(), QUEUES)
    yield link
    await link.close()


async def _consume(link: Link, queue: str = QUEUES.main) -> asyncio.Queue[Delivery]:
    arrived: asyncio.Queue[Delivery] = asyncio.Queue()
    await Subscription.start(link, queue, 10, arrived.put_nowait)
    return arrived


async def _next(arrived: asyncio.Queue[Delivery]) -> Delivery:
    return await asyncio.wait_for(arrived.get(), PATIENCE)


def _event(name: str) -> Outgoing:
    return Outgoing(EXCHANGE, "page.viewed", name, b"{}", {"sequence": 1})


async def test_a_published_event_is_acknowledged_and_arrives_with_its_headers(link: Link) -> None:
    publisher = await Publisher.open(link)
    arrived = await _consume(link)
    assert await publisher.publish(_event("one")) is Confirm.ACKED
    delivery = await _next(arrived)
    assert (delivery.message_id, delivery.headers, delivery.body) == ("one", {"sequence": 1}, b"{}")


async def test_each_of_many_unconfirmed_events_is_answered(link: Link) -> None:
    publisher = await Publisher.open(link)
    answers = [publisher.publish(_event(str(number))) for number in range(500)]
    assert publisher.unconfirmed == 500
    assert set(await asyncio.gather(*answers)) == {Confirm.ACKED}
    assert publisher.unconfirmed == 0


async def test_an_event_that_no_queue_takes_is_returned_and_others_are_not(link: Link) -> None:
    publisher = await Publisher.open(link)
    astray = publisher.publish(Outgoing("", "pharos.nowhere", "astray", b""))
    home = publisher.publish(_event("home"))
    assert list(await asyncio.gather(astray, home)) == [Confirm.RETURNED, Confirm.ACKED]


async def test_an_event_that_a_full_queue_rejects_is_refused(link: Link) -> None:
    full = {"x-max-length": 1, "x-overflow": "reject-publish"}
    channel = await link.channel()
    await channel.call("queue_declare", queue="full", arguments=full)
    publisher = await Publisher.open(link)
    answers = [publisher.publish(Outgoing("", "full", str(n), b"")) for n in range(3)]
    assert await asyncio.gather(*answers) == [Confirm.ACKED, Confirm.NACKED, Confirm.NACKED]


async def test_an_event_that_cannot_be_encoded_is_refused_and_the_link_stays(link: Link) -> None:
    publisher = await Publisher.open(link)
    too_long = Outgoing(EXCHANGE, "x" * 256, "long", b"")
    assert await publisher.publish(too_long) is Confirm.NACKED
    assert await publisher.publish(_event("next")) is Confirm.ACKED


async def test_what_is_unconfirmed_when_the_channel_closes_is_lost(link: Link) -> None:
    publisher = await Publisher.open(link)
    answer = publisher.publish(Outgoing("no-such-exchange", "x", "one", b""))
    assert await asyncio.wait_for(answer, PATIENCE) is Confirm.LOST
    assert await publisher.publish(_event("late")) is Confirm.LOST


async def test_an_event_comes_round_by_the_retry_queue_again_and_again(link: Link) -> None:
    publisher = await Publisher.open(link)
    arrived = await _consume(link)
    _, retry = QUEUES.retries[0]
    for _ in range(4):
        again = Outgoing("", retry, "one", b"{}", {"sequence": 1})
        assert await publisher.publish(again) is Confirm.ACKED
        delivery = await _next(arrived)
        assert delivery.message_id == "one"
        delivery.ack()


async def test_what_was_not_acknowledged_comes_again_over_the_next_link(
    link: Link, database: Settings
) -> None:
    publisher = await Publisher.open(link)
    arrived = await _consume(link)
    await publisher.publish(_event("one"))
    held = await _next(arrived)
    await link.close()
    held.ack()
    later = await Link.open(database)
    again = await _next(await _consume(later))
    await later.close()
    assert again.message_id == "one"


async def test_an_acknowledged_event_does_not_come_again(link: Link, database: Settings) -> None:
    publisher = await Publisher.open(link)
    arrived = await _consume(link)
    await publisher.publish(_event("one"))
    (await _next(arrived)).ack()
    await link.close()
    assert (await queue_depths(database, QUEUES))[QUEUES.main] == 0


async def test_a_subscription_ends_when_its_queue_is_deleted(link: Link) -> None:
    arrived: list[Delivery] = []
    subscription = await Subscription.start(link, QUEUES.main, 10, arrived.append)
    channel = await link.channel()
    await channel.call("queue_delete", queue=QUEUES.main)
    assert await asyncio.wait_for(subscription.channel.closed, PATIENCE)


async def test_declaring_again_changes_nothing(link: Link) -> None:
    await declare(await link.channel(), QUEUES)
    assert link.is_open


async def test_a_queue_that_exists_with_other_arguments_is_named(link: Link) -> None:
    other = ConsumerQueues(QUEUES.main, ((9.0, QUEUES.retries[0][1]),), QUEUES.dead)
    with pytest.raises(LinkLostError, match=QUEUES.retries[0][1]):
        await declare(await link.channel(), other)


async def test_depths_count_what_is_ready_and_nothing_for_an_undeclared_queue(
    link: Link, database: Settings
) -> None:
    publisher = await Publisher.open(link)
    await asyncio.gather(*(publisher.publish(_event(str(n))) for n in range(3)))
    strange = ConsumerQueues(QUEUES.main, (), "pharos.unknown")
    assert await queue_depths(database, strange) == {QUEUES.main: 3, "pharos.unknown": 0}


async def test_a_broker_that_is_not_there_is_said_with_its_address(database: Settings) -> None:
    nowhere = database.model_copy(update={"rabbitmq_port": 1})
    with pytest.raises(BrokerUnavailableError, match=r"127\.0\.0\.1:1: ConnectionRefusedError"):
        await Link.open(nowhere)
