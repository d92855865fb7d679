"""Readers and writers of one user, interleaved where it hurts."""

from uuid import UUID, uuid4

import pytest_asyncio

from backend.cache.entries import Fence, Lease, UserEntries
from backend.cache.redis import RedisServer
from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.resilience.breaker import Breaker, BreakerSignals
from backend.settings import Settings
from tests.integration.backend.replicas import Replica, until

ERA = 1


@pytest_asyncio.fixture
async def entries(database: Settings) -> UserEntries:
    signals = BreakerSignals(Instruments(Process.API, "test"))
    # What is claimed is who may do what, not how soon Redis has answered.
    patient = database.model_copy(update={"cache_timeout": 10.0})
    return UserEntries(RedisServer(patient, Breaker("redis", signals)), ttl=60)


async def _lease(entries: UserEntries, user: UUID) -> Lease:
    found = await entries.look_up(ERA, user)
    assert isinstance(found, Lease)
    return found


async def test_a_value_is_served_to_all_after_it_was_filled(entries: UserEntries) -> None:
    user = uuid4()
    assert await entries.fill(await _lease(entries, user), b"old")
    assert await entries.look_up(ERA, user) == b"old"


async def test_one_reader_at_a_time_may_fill(entries: UserEntries) -> None:
    user = uuid4()
    await _lease(entries, user)
    assert await entries.look_up(ERA, user) is None


async def test_a_reader_from_before_a_write_cannot_fill_after_it(entries: UserEntries) -> None:
    user = uuid4()
    lease = await _lease(entries, user)
    await entries.lift_fence(await entries.raise_fence(ERA, user))
    assert not await entries.fill(lease, b"old")
    assert isinstance(await entries.look_up(ERA, user), Lease)


async def test_a_reader_from_before_a_write_cannot_use_a_later_readers_lease(
    entries: UserEntries,
) -> None:
    user = uuid4()
    early = await _lease(entries, user)
    await entries.lift_fence(await entries.raise_fence(ERA, user))
    late = await _lease(entries, user)
    assert not await entries.fill(early, b"old")
    assert await entries.fill(late, b"new")


async def test_nobody_reads_or_fills_behind_a_fence(entries: UserEntries) -> None:
    user = uuid4()
    await entries.fill(await _lease(entries, user), b"old")
    await entries.raise_fence(ERA, user)
    assert await entries.look_up(ERA, user) is None


async def test_a_writer_leaves_another_writers_fence_standing(entries: UserEntries) -> None:
    user = uuid4()
    first, second = [await entries.raise_fence(ERA, user) for _ in range(2)]
    await entries.lift_fence(first)
    assert await entries.look_up(ERA, user) is None
    await entries.lift_fence(second)
    assert isinstance(await entries.look_up(ERA, user), Lease)


async def test_a_fence_that_ended_too_early_still_removes_what_was_filled_meanwhile(
    entries: UserEntries,
) -> None:
    user = uuid4()
    await entries.fill(await _lease(entries, user), b"old")
    await entries.lift_fence(Fence(ERA, user, b"f-long-gone"))
    assert isinstance(await entries.look_up(ERA, user), Lease)


async def test_a_new_era_knows_nothing_of_the_old(entries: UserEntries) -> None:
    user = uuid4()
    await entries.fill(await _lease(entries, user), b"old")
    assert isinstance(await entries.look_up(ERA + 1, user), Lease)


async def test_a_second_read_comes_from_the_cache_and_a_change_is_seen_by_the_other_replica(
    api: Replica, other: Replica
) -> None:
    user = await api.new_user("Ann")

    async def hit() -> bool:
        await api.name_of(user)
        return api.cached("hit") > 0

    await until(hit)
    await other.rename(user, "Bea")
    assert await api.name_of(user) == "Bea"
