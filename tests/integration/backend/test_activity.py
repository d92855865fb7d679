"""A user's activity as readers get it: page by page, each of a size that hinders nobody."""

from typing import Any

import asyncpg
import pytest

from backend.storage.activity_reading import PAGE_BYTES
from tests.integration.backend.replicas import Replica

_APPLIED = """
WITH written AS (
  INSERT INTO activity (event_key, user_id, sequence, source, id, type, time, data)
  SELECT gen_random_uuid(), $1, number, 'urn:test', number::text, 'page.viewed', now(), $2::jsonb
  FROM generate_series(1, $3::int) AS number
)
INSERT INTO activity_summaries (user_id, applied_sequence, events, updated_at)
VALUES ($1, $3, $3, now())
"""


async def _pages(api: Replica, user: str, limit: int) -> list[dict[str, Any]]:
    """Read all of a user's activity, page by page."""
    path = f"/v1/users/{user}/events"
    pages = [(await api.http.get(path, params={"limit": limit})).json()]
    while cursor := pages[-1].get("next_cursor"):
        following = await api.http.get(path, params={"limit": limit, "cursor": cursor})
        pages.append(following.json())
    return pages


def _sequences(pages: list[dict[str, Any]]) -> list[list[int]]:
    return [[item["sequence"] for item in page["items"]] for page in pages]


async def test_pages_lead_from_the_newest_to_the_oldest(
    api: Replica, connection: asyncpg.Connection
) -> None:
    user = await api.new_user()
    await connection.execute(_APPLIED, user, '{"a": [1, "ü", null]}', 5)
    pages = await _pages(api, user, 2)
    assert _sequences(pages) == [[5, 4], [3, 2], [1]]
    assert {page["total"] for page in pages} == {5}
    assert pages[0]["items"][0]["data"] == {"a": [1, "ü", None]}


async def test_a_page_that_holds_just_what_there_is_is_the_last(
    api: Replica, connection: asyncpg.Connection
) -> None:
    user = await api.new_user()
    await connection.execute(_APPLIED, user, None, 4)
    assert _sequences(await _pages(api, user, 4)) == [[4, 3, 2, 1]]


async def test_a_user_without_activity_has_one_empty_page(api: Replica) -> None:
    assert _sequences(await _pages(api, await api.new_user(), 4)) == [[]]


@pytest.mark.parametrize(
    ("size", "pages"),
    [
        (PAGE_BYTES // 3, [[5, 4], [3, 2], [1]]),
        (2 * PAGE_BYTES, [[5], [4], [3], [2], [1]]),
    ],
)
async def test_a_page_of_large_events_ends_early_and_leads_on(
    api: Replica, connection: asyncpg.Connection, size: int, pages: list[list[int]]
) -> None:
    user = await api.new_user()
    await connection.execute(_APPLIED, user, f'"{"x" * size}"', 5)
    assert _sequences(await _pages(api, user, 200)) == pages
