"""PostgreSQL busy: who waits in vain hears so, and everybody else goes on."""

import asyncio

import asyncpg
import pytest

from backend.settings import Settings
from tests.integration.backend.conftest import Start
from tests.integration.backend.replicas import until

pytestmark = pytest.mark.usefixtures("patience_but_for_locks")


async def test_a_locked_row_costs_its_own_requests_and_opens_no_breaker(
    start: Start, database: Settings
) -> None:
    async with start(db_timeout=1.0, db_pool_size=4) as replica:
        user, other = await replica.new_user(), await replica.new_user()
        blocker = await asyncpg.connect(database.database_url.replace("+asyncpg", ""))
        async with blocker.transaction():
            await blocker.execute("SELECT FROM streams WHERE user_id = $1 FOR UPDATE", user)
            answers = await asyncio.gather(*(replica.post_event(user) for _ in range(12)))
            beside = await replica.post_event(other)
        await blocker.close()
        after = await replica.post_event(user)
    assert {answer.status_code for answer in answers} == {503}
    assert all("busy" in answer.json()["detail"] for answer in answers)
    assert (beside.status_code, after.status_code) == (202, 202)


async def test_a_change_that_gave_up_waiting_leaves_the_cache_in_use(
    start: Start, database: Settings
) -> None:
    async with start(db_timeout=3.0, cache_timeout=10.0) as replica:
        user = await replica.new_user("Ann")
        blocker = await asyncpg.connect(database.database_url.replace("+asyncpg", ""))
        async with blocker.transaction():
            await blocker.execute("SELECT FROM users WHERE id = $1 FOR UPDATE", user)
            refused = await replica.http.patch(f"/v1/users/{user}", json={"name": "Bea"})
        await blocker.close()
        assert refused.status_code == 503
        assert replica.metric('pharos_cache_invalidations_total{result="error"}') == 0

        async def hit() -> bool:
            assert await replica.name_of(user) == "Ann"
            return replica.cached("hit") > 0

        # The second read need not be one: a replica that was held up renews its term first.
        await until(hit)
