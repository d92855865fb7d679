"""Redis in trouble: reads come from PostgreSQL, and none is older than a finished write."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from tests.fixtures.running import PATIENCE
from tests.integration.backend.conftest import Start
from tests.integration.backend.network import Link
from tests.integration.backend.own_redis import OwnRedis
from tests.integration.backend.replicas import Replica, until, waiting


@pytest_asyncio.fixture
async def near(start: Start, own_redis: OwnRedis) -> AsyncIterator[Replica]:
    """A replica on the test's own Redis."""
    async with start(redis_port=own_redis.port, redis_password=_NONE) as running:
        yield running


@pytest_asyncio.fixture
async def far(start: Start, redis_link: Link) -> AsyncIterator[Replica]:
    """A replica that reaches the same Redis through a link that can be cut."""
    changes = {"redis_port": redis_link.port, "redis_password": _NONE, "replica_id": "api-2"}
    async with start(**changes) as running:
        yield running


async def _cached(replica: Replica, user: str) -> None:
    """Read until an answer came from the cache."""
    before = replica.cached("hit")

    async def hit() -> bool:
        await replica.name_of(user)
        return replica.cached("hit") > before

    await until(hit)


async def test_a_write_that_one_replica_cannot_tell_redis_is_seen_by_all(
    near: Replica, far: Replica, redis_link: Link
) -> None:
    user = await near.new_user("Ann")
    await _cached(near, user)
    redis_link.cut()
    await far.rename(user, "Bea")
    assert await near.name_of(user) == "Bea"


async def test_a_deletion_that_redis_never_hears_of_is_seen_by_all(
    near: Replica, far: Replica, redis_link: Link
) -> None:
    user = await near.new_user("Ann")
    await _cached(near, user)
    redis_link.hush()
    assert (await far.http.delete(f"/v1/users/{user}")).status_code == 204
    assert (await near.http.get(f"/v1/users/{user}")).status_code == 404


async def test_a_paused_redis_that_goes_on_serves_nothing_old(
    near: Replica, far: Replica, own_redis: OwnRedis
) -> None:
    user = await near.new_user("Ann")
    await _cached(near, user)
    own_redis.pause()
    await far.rename(user, "Bea")
    own_redis.go_on()
    assert [await at.name_of(user) for at in (near, far)] == ["Bea", "Bea"]


async def test_a_redis_that_comes_back_with_old_data_is_not_believed(
    near: Replica, far: Replica, own_redis: OwnRedis
) -> None:
    user = await near.new_user("Ann")
    await _cached(near, user)
    await own_redis.snapshot()
    await far.rename(user, "Bea")
    own_redis.kill()
    await own_redis.start()
    assert [await at.name_of(user) for at in (near, far)] == ["Bea", "Bea"]
    await _cached(near, user)
    assert await near.name_of(user) == "Bea"


async def test_the_cache_is_used_again_once_redis_answers(
    near: Replica, own_redis: OwnRedis
) -> None:
    user = await near.new_user("Ann")
    own_redis.kill()
    await near.rename(user, "Bea")
    await own_redis.start()
    await _cached(near, user)
    assert await near.name_of(user) == "Bea"


async def test_without_redis_everything_works(start: Start) -> None:
    async with start(redis_port=1) as replica:
        user = await replica.new_user("Ann")
        await replica.rename(user, "Bea")
        assert await replica.name_of(user) == "Bea"
        assert (await replica.post_event(user)).status_code == 202
        assert replica.cached("hit") == 0


async def test_a_silent_redis_costs_a_read_its_timeout_and_then_nothing(
    start: Start, redis_link: Link
) -> None:
    changes = {"redis_port": redis_link.port, "redis_password": _NONE, "cache_timeout": 1.0}
    async with start(**changes) as replica:
        user = await replica.new_user("Ann")
        redis_link.hush()
        for _ in range(6):
            await replica.name_of(user)
        times = []
        for _ in range(5):
            began = time.monotonic()
            await replica.name_of(user)
            times.append(time.monotonic() - began)
        # One or two may be held up by the machine; those that cost their timeout would be all.
        assert sorted(times)[2] < 1.0


async def test_a_change_that_stands_is_counted_though_nobody_can_be_told_of_it(
    start: Start, redis_link: Link, postgres_link: Link, connection: asyncpg.Connection
) -> None:
    there = {"postgres_port": postgres_link.port, "redis_port": redis_link.port}
    # The call to Redis that fails leaves time to cut PostgreSQL off, too.
    async with start(**there, redis_password=_NONE, cache_timeout=PATIENCE / 4) as replica:
        user = await replica.new_user("Ann")
        async with connection.transaction():
            await connection.execute("SELECT FROM users FOR UPDATE")
            change = asyncio.create_task(
                replica.http.patch(f"/v1/users/{user}", json={"name": "Bea"})
            )
            await until(lambda: waiting(connection, 1))
            redis_link.hush()

        async def committed() -> bool:
            return bool(await connection.fetchval("SELECT name FROM users") == "Bea")

        await until(committed)
        postgres_link.cut()
        assert (await change).status_code == 503
        assert replica.accepted("user.updated") == 1


class _None:
    """The test's own Redis wants no password."""

    def get_secret_value(self) -> str:
        return ""


_NONE = _None()
