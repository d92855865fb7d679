"""Every way that a delivered event can go, on real servers."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.broker.publisher import Outgoing
from backend.broker.topology import EXCHANGE
from backend.domain.messages import Envelope
from backend.domain.ordering import Defer
from tests.fixtures.running import PATIENCE
from tests.integration.backend.network import Link as Network
from tests.integration.backend_events.eventside import QUEUES, EventSide, ScriptedEffect, eventually

pytestmark = pytest.mark.stack


async def _inbox(side: EventSide) -> list[tuple[str, int]]:
    rows = await side.connection.fetch(
        "SELECT outcome, deliveries FROM inbox JOIN events ON key = event_key ORDER BY sequence"
    )
    return [tuple(row) for row in rows]


async def _count(side: EventSide) -> tuple[int, int]:
    row = await side.connection.fetchrow("SELECT applied_sequence, events FROM activity_summaries")
    return tuple(row) if row else (0, 0)


async def test_events_are_applied_in_order_with_inbox_and_count(side: EventSide) -> None:
    user = await side.user()
    await side.append(user, 3, data={"path": "/", "pi": 3.14159265358979323846})
    await side.publish(*await side.messages())
    async with side.worker():
        await eventually(lambda: _count(side), (3, 3))
    assert await side.applied(user) == [1, 2, 3]
    assert await _inbox(side) == [("applied", 1)] * 3
    assert await side.value("SELECT data->>'path' FROM activity LIMIT 1") == "/"


async def test_a_repeat_is_counted_and_has_no_effect(side: EventSide) -> None:
    user = await side.user()
    await side.append(user, 2)
    one, two = await side.messages()
    await side.publish(one, one, two, two, one)
    async with side.worker():
        await eventually(lambda: _inbox(side), [("applied", 3), ("applied", 2)])
    assert await side.applied(user) == [1, 2]
    assert await _count(side) == (2, 2)


async def test_events_that_arrive_the_wrong_way_round_are_applied_in_order(side: EventSide) -> None:
    user = await side.user()
    await side.append(user, 20)
    await side.publish(*reversed(await side.messages()))
    async with side.worker():
        await eventually(lambda: _count(side), (20, 20))
    assert await side.applied(user) == list(range(1, 21))


async def test_two_workers_share_a_users_events_and_keep_their_order(side: EventSide) -> None:
    users = [await side.user() for _ in range(3)]
    for user in users * 20:
        await side.append(user)
    async with side.worker(), side.worker():
        await side.publish(*await side.messages())
        await eventually(lambda: side.value("SELECT count(*) FROM activity"), 60)
    assert [await side.applied(user) for user in users] == [list(range(1, 21))] * 3
    assert await side.value("SELECT sum(deliveries) FROM inbox") == 60


async def test_an_event_waits_in_the_retry_queue_for_a_late_predecessor(side: EventSide) -> None:
    user = await side.user()
    await side.append(user, 2)
    one, two = await side.messages()
    _, shortest = QUEUES.retries[0]

    async def is_parked() -> bool:
        return (await side.depths())[shortest] == 1

    async with side.worker():
        await side.publish(two)
        await eventually(is_parked, True)
        assert await side.applied(user) == []
        await side.publish(one)
        await eventually(lambda: _count(side), (2, 2))
    assert await _inbox(side) == [("applied", 1)] * 2


async def test_a_failed_event_is_tried_again_and_its_successors_wait(side: EventSide) -> None:
    user, other = await side.user(), await side.user()
    await side.append(user, 3)
    await side.append(other, 1)
    side.effect.failures = {2: 2}
    await side.publish(*await side.messages())
    async with side.worker():
        await eventually(lambda: side.applied(other), [1])
        await eventually(lambda: side.applied(user), [1, 2, 3])
    assert side.effect.attempts == [0, 1]
    assert await side.value("SELECT count(*) FROM inbox WHERE outcome = 'applied'") == 4


async def test_an_event_that_always_fails_is_dead_and_its_successors_go_on(side: EventSide) -> None:
    user = await side.user()
    await side.append(user, 3)
    side.effect.failures = {2: 99}
    messages = await side.messages()
    await side.publish(*messages)
    async with side.worker():
        dead = await side.next_dead()
        await eventually(lambda: _count(side), (3, 2))
    assert side.effect.attempts == [0, 1, 2, 3]
    assert await side.applied(user) == [1, 3]
    assert await _inbox(side) == [("applied", 1), ("dead", 1), ("applied", 1)]
    assert (dead.message_id, dead.body) == (messages[1].message_id, messages[1].body)
    assert dead.headers["pharos-reason"] == "failed 4 times, last: RuntimeError"


async def test_data_that_postgresql_refuses_is_a_failure_of_the_event(side: EventSide) -> None:
    user = await side.user()
    await side.append(user, 2)
    one, two = await side.messages()
    nul = replace(one, body=one.body.replace(b'"data": null', b'"data": "\\u0000"'))
    assert nul.body != one.body
    await side.publish(nul, two)
    async with side.worker():
        dead = await side.next_dead()
        await eventually(lambda: _count(side), (2, 1))
    assert dead.headers["pharos-reason"] == "failed 4 times, last: UntranslatableCharacterError"


async def test_data_that_postgresql_refuses_spends_no_attempt_before_its_turn(
    side: EventSide,
) -> None:
    await side.append(await side.user(), 2)
    _, two = await side.messages()
    nul = two.body.replace(b'"data": null', b'"data": "\\u0000"')
    assert await side.effect.apply(Envelope.read(two.message_id, two.headers), nul) == Defer()


async def test_an_unreadable_body_dies_in_its_turn_without_further_attempts(
    side: EventSide,
) -> None:
    user = await side.user()
    await side.append(user, 3)
    one, two, three = await side.messages()
    await side.publish(replace(two, body=b"nonsense"), three, one)
    async with side.worker():
        dead = await side.next_dead()
        await eventually(lambda: _count(side), (3, 2))
    assert dead.body == b"nonsense"
    assert "pharos-attempts" not in dead.headers
    assert await _inbox(side) == [("applied", 1), ("dead", 1), ("applied", 1)]


async def test_an_event_about_another_user_than_its_headers_say_is_unreadable(
    side: EventSide,
) -> None:
    await side.append(await side.user())
    (one,) = await side.messages()
    await side.publish(replace(one, headers=one.headers | {"user_id": str(uuid4())}))
    async with side.worker():
        dead = await side.next_dead()
    assert "another user" in dead.headers["pharos-reason"]


async def test_a_message_that_is_not_ours_goes_to_the_dead_letters_at_once(side: EventSide) -> None:
    stray = Outgoing(EXCHANGE, "x", "stray", b"\x00", {"nested": {"a": [1, True]}})
    await side.publish(stray)
    async with side.worker():
        dead = await side.next_dead()
    assert (dead.message_id, dead.body) == ("stray", b"\x00")
    assert "nested" in dead.headers["pharos-original-headers"]
    assert await side.value("SELECT count(*) FROM inbox") == 0


@pytest.mark.parametrize(
    ("count", "value"), [("pharos-deferrals", 2**63 - 1), ("pharos-attempts", -10)]
)
async def test_an_event_with_a_count_that_cannot_be_goes_to_the_dead_letters_and_stops_nobody(
    side: EventSide, count: str, value: int
) -> None:
    user, other = await side.user(), await side.user()
    await side.append(user, 2)
    await side.append(other)
    _, two, others = await side.messages()
    await side.publish(replace(two, headers=two.headers | {count: value}), others)
    async with side.worker():
        dead = await side.next_dead()
        await eventually(lambda: side.applied(other), [1])
    assert dead.message_id == two.message_id
    assert count in dead.headers["pharos-reason"]


async def test_a_dead_event_that_comes_again_is_a_duplicate(side: EventSide) -> None:
    user = await side.user()
    await side.append(user, 2)
    one, two = await side.messages()
    await side.publish(replace(one, body=b"nonsense"))
    async with side.worker():
        await side.next_dead()
        await eventually(lambda: _inbox(side), [("dead", 1)])
        await side.publish(replace(one, body=b"nonsense"), two)
        await eventually(lambda: _inbox(side), [("dead", 2), ("applied", 1)])
    assert (await side.depths())[QUEUES.dead] == 0


async def test_an_outage_of_postgresql_costs_no_event_an_attempt(
    side: EventSide, patient_far_engine: AsyncEngine, postgres_network: Network
) -> None:
    user = await side.user()
    await side.append(user, 30)
    effect = ScriptedEffect(patient_far_engine)
    async with side.worker(effect):
        postgres_network.cut()
        await side.publish(*await side.messages())
        await eventually(side.depths, dict.fromkeys(QUEUES.arguments(), 0))
        assert await side.applied(user) == []
        postgres_network.mend()
        await eventually(lambda: _count(side), (30, 30))
    assert effect.attempts == []
    assert await side.depths() == dict.fromkeys(QUEUES.arguments(), 0)


async def test_a_lost_link_to_the_broker_loses_and_doubles_nothing(
    side: EventSide, rabbitmq_network: Network
) -> None:
    user = await side.user()
    await side.append(user, 200)
    await side.publish(*await side.messages())
    async with side.worker(rabbitmq_port=rabbitmq_network.port):
        await eventually(lambda: _started(side), True)
        rabbitmq_network.cut()
        await asyncio.sleep(0)
        rabbitmq_network.mend()
        await eventually(lambda: _count(side), (200, 200))
    assert await side.applied(user) == list(range(1, 201))


async def _started(side: EventSide) -> bool:
    return (await _count(side))[0] > 0


async def test_a_stopped_worker_gives_back_what_it_has_not_begun(side: EventSide) -> None:
    user = await side.user()
    await side.append(user, 1500)
    await side.publish(*await side.messages())
    async with side.worker() as stopping:
        await asyncio.wait_for(side.effect.begun.wait(), PATIENCE)
        stopping.set()
    done, _ = await _count(side)
    assert done < 1500
    await eventually(side.waiting, 1500 - done)


async def test_a_worker_stops_although_postgresql_is_away(
    side: EventSide, patient_far_engine: AsyncEngine, postgres_network: Network
) -> None:
    await side.append(await side.user(), 3)
    postgres_network.cut()
    await side.publish(*await side.messages())
    async with side.worker(ScriptedEffect(patient_far_engine)) as stopping:
        await eventually(side.depths, dict.fromkeys(QUEUES.arguments(), 0))
        stopping.set()
    await eventually(side.waiting, 3)


async def test_a_deleted_retry_queue_is_declared_again_and_the_event_gets_its_retry(
    side: EventSide,
) -> None:
    user = await side.user()
    await side.append(user)
    side.effect.failures = {1: 1}
    async with side.worker():
        await eventually(lambda: _consumers(side), 1)
        channel = await side.link.channel()
        await channel.call("queue_delete", queue=QUEUES.retries[0][1])
        await side.publish(*await side.messages())
        side.effect.failures = {1: 2}
        await eventually(lambda: side.applied(user), [1])


async def _consumers(side: EventSide) -> int:
    channel = await side.link.channel()
    declared = await channel.call("queue_declare", queue=QUEUES.main, passive=True)
    return int(declared.method.consumer_count)
