"""From the outbox to the broker, whatever goes away in between."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.relay import forwarding
from backend.storage.outbox_reading import OutboxReading
from tests.integration.backend.network import Link as Network
from tests.integration.backend_events.eventside import QUEUES, EventSide, eventually

pytestmark = pytest.mark.stack


async def _pending(side: EventSide) -> int:
    return int(await side.value("SELECT count(*) FROM outbox WHERE published_at IS NULL"))


async def test_every_event_is_published_once_and_marked(side: EventSide) -> None:
    await side.append(await side.user(), 30)
    async with side.relay():
        await eventually(lambda: _pending(side), 0)
    assert await side.waiting() == 30


async def test_an_event_that_is_added_while_the_relay_idles_is_published(side: EventSide) -> None:
    user = await side.user()
    async with side.relay():
        for already in range(3):
            await eventually(side.waiting, already)
            await side.append(user)
        await eventually(side.waiting, 3)


async def test_two_relays_publish_nothing_twice(side: EventSide) -> None:
    await side.append(await side.user(), 300)
    async with side.relay(), side.relay():
        await eventually(lambda: _pending(side), 0)
    assert await side.waiting() == 300


@pytest.mark.parametrize(
    ("most_bytes", "taken"),
    [(1, [1]), (2_500_000, [1, 2]), (100_000_000, [1, 2, 3, 4])],
)
async def test_a_batch_ends_where_its_bodies_are_as_large_as_may_be(
    side: EventSide, most_bytes: int, taken: list[int]
) -> None:
    await side.append(await side.user(), 4, data="x" * 1_000_000)
    async with side.engine.begin() as connection:
        batch = await OutboxReading(connection).lock_pending(10, most_bytes)
    assert [row.position for row in batch.rows] == taken
    assert batch.more == (len(taken) < 4)


async def test_a_batch_of_as_many_rows_as_may_be_says_that_there_may_be_more(
    side: EventSide,
) -> None:
    await side.append(await side.user(), 3)
    async with side.engine.begin() as connection:
        batch = await OutboxReading(connection).lock_pending(2, 1_000_000)
    assert ([row.position for row in batch.rows], batch.more) == ([1, 2], True)


async def test_a_backlog_that_is_larger_than_a_batch_goes_out_whole_and_in_order(
    side: EventSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "BATCH_BYTES", 100_000)
    user = await side.user()
    await side.append(user, 20, data="x" * 60_000)
    async with side.relay(), side.worker():
        await eventually(lambda: side.applied(user), list(range(1, 21)))
    assert await side.value("SELECT sum(deliveries) FROM inbox") == 20


async def test_what_could_not_be_marked_is_published_again(
    side: EventSide, patient_far_engine: AsyncEngine, postgres_network: Network
) -> None:
    user = await side.user()
    await side.append(user, 5)
    await side.connection.execute("BEGIN")
    # The relay may read the rows, but its mark has to wait until the cut.
    await side.connection.execute("LOCK TABLE outbox IN SHARE MODE")
    async with side.relay(patient_far_engine):
        await eventually(side.waiting, 5)
        postgres_network.cut()
        await side.connection.execute("ROLLBACK")
        postgres_network.mend()
        await eventually(lambda: _pending(side), 0)
    assert await side.waiting() == 10
    async with side.worker():
        await eventually(lambda: side.value("SELECT sum(deliveries) FROM inbox"), 10)
    assert await side.applied(user) == [1, 2, 3, 4, 5]


async def test_a_lost_broker_loses_nothing(side: EventSide, rabbitmq_network: Network) -> None:
    user = await side.user()
    async with side.relay(rabbitmq_port=rabbitmq_network.port):
        await side.append(user, 50)
        rabbitmq_network.cut()
        await side.append(user, 50)
        rabbitmq_network.mend()
        await eventually(lambda: _pending(side), 0)
    async with side.worker():
        await eventually(lambda: side.applied(user), list(range(1, 101)))


async def test_a_broker_that_is_away_at_the_start_is_waited_for(
    side: EventSide, rabbitmq_network: Network
) -> None:
    await side.append(await side.user())
    rabbitmq_network.cut()
    async with side.relay(rabbitmq_port=rabbitmq_network.port):
        assert await _pending(side) == 1
        rabbitmq_network.mend()
        await eventually(lambda: _pending(side), 0)


async def test_an_outage_of_postgresql_is_waited_out(
    side: EventSide, patient_far_engine: AsyncEngine, postgres_network: Network
) -> None:
    postgres_network.cut()
    async with side.relay(patient_far_engine):
        await side.append(await side.user(), 3)
        postgres_network.mend()
        await eventually(side.waiting, 3)
    assert await _pending(side) == 0


async def test_an_unbound_queue_is_bound_again_and_nothing_is_marked_before(
    side: EventSide,
) -> None:
    channel = await side.link.channel()
    user = await side.user()
    async with side.relay():
        await side.append(user)
        await eventually(side.waiting, 1)
        await channel.call("queue_delete", queue=QUEUES.main)
        await side.append(user)
        await eventually(lambda: _pending(side), 0)
        assert await side.waiting() == 1


async def test_a_routing_key_over_the_protocols_limit_is_cut(side: EventSide) -> None:
    await side.append(await side.user())
    await side.connection.execute("UPDATE outbox SET routing_key = $1", "ü" * 255)
    async with side.relay():
        await eventually(lambda: _pending(side), 0)
    assert await side.waiting() == 1


async def test_rows_published_long_ago_are_removed_and_no_others(side: EventSide) -> None:
    await side.append(await side.user(), 5)
    await side.connection.execute(
        "UPDATE outbox SET published_at = now() - make_interval(mins => 46 + 5 * position::int) "
        "WHERE position > 1"
    )
    await side.housekeeping().prune()
    rows = await side.connection.fetch("SELECT position FROM outbox ORDER BY position")
    assert [row["position"] for row in rows] == [1, 2]


async def test_answers_to_keyed_requests_are_forgotten_after_a_day(side: EventSide) -> None:
    await side.connection.execute(
        "INSERT INTO idempotency_keys (key, fingerprint, status, body, created_at) "
        "SELECT age::text, '', 201, '', now() - make_interval(hours => age) "
        "FROM unnest(ARRAY[1, 23, 25, 99]) AS age"
    )
    await side.housekeeping().forget()
    kept = await side.value("SELECT array_agg(key ORDER BY key) FROM idempotency_keys")
    assert kept == ["1", "23"]


async def test_depth_and_age_are_measured_from_what_is_pending(side: EventSide) -> None:
    await side.append(await side.user(), 4)
    await side.connection.execute(
        "UPDATE outbox SET created_at = now() - make_interval(mins => 5 - position::int), "
        "published_at = CASE WHEN position = 1 THEN now() END"
    )
    instruments = Instruments(Process.RELAY, "test")
    await side.housekeeping(instruments).measure()
    shown = {sample.name: sample.value for sample in _samples(instruments)}
    assert shown["pharos_outbox_depth"] == 3
    assert 180 <= shown["pharos_outbox_oldest_age_seconds"] < 240


def _samples(instruments: Instruments) -> list[Sample]:
    text, _ = instruments.exposition()
    families = text_string_to_metric_families(text.decode())
    return [sample for family in families for sample in family.samples]
