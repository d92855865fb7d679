"""PostgreSQL away: a problem document at once, nothing half-done, and back by itself."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.integration.backend.conftest import Start
from tests.integration.backend.network import Link
from tests.integration.backend.replicas import Replica, until

# Longer than anything stands still of itself, so that only a silent PostgreSQL is out of time.
TIMEOUT = 5.0


@pytest_asyncio.fixture
async def linked(start: Start, postgres_link: Link) -> AsyncIterator[Replica]:
    """A replica that reaches PostgreSQL through a link that can be cut, or fall silent."""
    async with start(postgres_port=postgres_link.port, db_timeout=TIMEOUT) as running:
        yield running


def _is_unavailable(answer: httpx.Response) -> bool:
    return (
        answer.status_code == 503
        and answer.headers["content-type"] == "application/problem+json"
        and int(answer.headers["retry-after"]) >= 1
    )


async def test_every_request_that_needs_postgres_says_so(
    linked: Replica, postgres_link: Link
) -> None:
    user = await linked.new_user()
    postgres_link.cut()
    answers = [
        await linked.post_event(user),
        await linked.http.post("/v1/users", json={"email": "a@example.org", "name": "A"}),
        await linked.http.get("/v1/users"),
        await linked.http.patch(f"/v1/users/{user}", json={"name": "B"}),
        await linked.http.delete(f"/v1/users/{user}"),
        await linked.http.get(f"/v1/users/{user}/events"),
    ]
    assert all(_is_unavailable(answer) for answer in answers)


async def test_requests_in_flight_when_it_goes_are_answered_and_not_half_done(
    linked: Replica, api: Replica, postgres_link: Link
) -> None:
    user = await linked.new_user()
    posts = [asyncio.create_task(linked.post_event(user, id=str(n))) for n in range(40)]
    await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    postgres_link.cut()
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} <= {202, 503}
    again = [await api.post_event(user, id=str(n)) for n in range(40)]
    accepted = {n for n, answer in enumerate(answers) if answer.status_code == 202}
    assert accepted <= {n for n, answer in enumerate(again) if answer.json()["repeat"]}
    assert sorted(answer.json()["sequence"] for answer in again) == list(range(2, 42))


async def test_a_silent_postgres_hangs_nobody(start: Start, postgres_link: Link) -> None:
    # Who waits for a connection and then for an answer waits four and a half seconds.
    async with start(postgres_port=postgres_link.port, db_timeout=2.0) as replica:
        user = await replica.new_user()
        postgres_link.hush()
        began = time.monotonic()
        answers = await asyncio.gather(*(replica.post_event(user) for _ in range(30)))
        assert time.monotonic() - began < 20  # a machine that stands still for a while included
    assert all(_is_unavailable(answer) for answer in answers)


async def test_once_it_is_known_to_be_away_the_answer_is_immediate(
    linked: Replica, postgres_link: Link
) -> None:
    user = await linked.new_user()
    postgres_link.hush()
    await asyncio.gather(*(linked.post_event(user) for _ in range(10)))
    times = []
    for _ in range(10):
        began = time.monotonic()
        await linked.post_event(user)
        times.append(time.monotonic() - began)
    assert sorted(times)[5] < TIMEOUT / 3


@pytest.mark.parametrize("how", ["cut", "hush"])
async def test_it_is_used_again_as_soon_as_it_is_back(
    linked: Replica, postgres_link: Link, how: str
) -> None:
    user = await linked.new_user()
    getattr(postgres_link, how)()
    await asyncio.gather(*(linked.post_event(user) for _ in range(20)))
    postgres_link.mend()

    async def works() -> bool:
        return (await linked.post_event(user)).status_code == 202

    await until(works)
    answers = await asyncio.gather(*(linked.post_event(user) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}


async def test_idle_connections_that_the_server_closed_cost_nobody_an_error(
    linked: Replica, api: Replica, postgres_link: Link
) -> None:
    user = await linked.new_user()
    await asyncio.gather(*(linked.post_event(user) for _ in range(20)))
    postgres_link.cut()
    postgres_link.mend()
    await api.new_user()  # meanwhile the loop hears of the closed sockets
    assert (await linked.post_event(user)).status_code == 202
