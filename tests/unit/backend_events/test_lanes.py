"""Users side by side, each user's messages one after another."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from backend.broker.deliveries import Delivery
from backend.consumers.lanes import InHand, Lane, Lanes
from backend.domain.messages import Envelope

NOTHING = cast(Any, None)


def _in_hand(sequence: int, arrived: float = 0.0) -> InHand:
    return InHand(sequence, arrived, cast(Envelope, NOTHING), cast(Delivery, NOTHING))


def _lane(messages: Sequence[InHand]) -> Lane:
    lane = Lane()
    for message in messages:
        lane.push(message)
    return lane


def test_a_lane_gives_the_lowest_sequence_first() -> None:
    lane = _lane([_in_hand(3), _in_hand(1), _in_hand(2)])
    assert [lane.pop().sequence for _ in range(3)] == [1, 2, 3]


def test_a_lane_parts_with_what_it_has_held_for_too_long() -> None:
    lane = _lane([_in_hand(4, arrived=1.0), _in_hand(3, arrived=9.0), _in_hand(2, arrived=2.0)])
    assert [message.sequence for message in lane.take_arrived_before(5.0)] == [2, 4]
    assert [lane.pop().sequence for _ in range(len(lane))] == [3]


async def test_the_wait_of_a_lane_ends_early_when_a_predecessor_arrives() -> None:
    lane = _lane([_in_hand(2)])
    lane.put_back(lane.pop())
    waiting = asyncio.create_task(lane.wait_for_earlier(60))
    await asyncio.sleep(0)
    lane.push(_in_hand(1))
    await asyncio.wait_for(waiting, 5)


async def test_a_user_is_never_worked_on_twice_at_a_time() -> None:
    at_work: set[UUID] = set()
    done: list[tuple[UUID, int]] = []
    users = {uuid4(): [1, 2, 3], uuid4(): [1, 2, 3]}
    most = 0

    async def work(lane: Lane) -> None:
        nonlocal most
        while len(lane):
            message = lane.pop()
            user = message.envelope.user_id
            assert user not in at_work
            at_work.add(user)
            most = max(most, len(at_work))
            await asyncio.sleep(0)
            at_work.remove(user)
            done.append((user, message.sequence))

    lanes = Lanes(work)
    for user, sequences in users.items():
        for sequence in sequences:
            envelope = Envelope(uuid4(), user, sequence, NOTHING)
            lanes.add(user, InHand(sequence, 0.0, envelope, NOTHING))
    await lanes.finish(5)
    assert {user: [s for u, s in done if u == user] for user in users} == users
    assert most == 2


async def test_what_the_work_raises_is_kept_as_the_fault() -> None:
    async def work(lane: Lane) -> None:
        raise RuntimeError(f"cannot handle {len(lane)}")

    lanes = Lanes(work)
    lanes.add(uuid4(), _in_hand(1))
    assert str(await asyncio.wait_for(lanes.fault, 5)) == "cannot handle 1"


async def test_finishing_cancels_what_does_not_end_in_time() -> None:
    cancelled = asyncio.Event()

    async def work(_lane: Lane) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    lanes = Lanes(work)
    lanes.add(uuid4(), _in_hand(1))
    await asyncio.sleep(0)
    await asyncio.wait_for(lanes.finish(0), 5)
    assert cancelled.is_set()
