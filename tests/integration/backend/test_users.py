"""Users through the API, as a caller sees them."""

import asyncio
from uuid import uuid4

import pytest

from tests.integration.backend.replicas import Replica


async def test_a_created_user_is_found_by_id_and_by_address(api: Replica) -> None:
    user = await api.new_user("Ann", "Ann@Example.org")
    by_id = await api.http.get(f"/v1/users/{user}")
    by_address = await api.http.get("/v1/users", params={"email": "ann@EXAMPLE.org"})
    assert by_address.json() == {"items": [by_id.json()], "next_cursor": None}


@pytest.mark.parametrize("spelling", ["ann@xn--bcher-kva.de", "Ann@bücher.de", "ann@BÜCHER.de"])
async def test_a_user_is_found_by_his_address_however_it_is_spelt(
    api: Replica, spelling: str
) -> None:
    user = await api.new_user(email="ann@xn--bcher-kva.de")
    found = await api.http.get("/v1/users", params={"email": spelling})
    assert [item["id"] for item in found.json()["items"]] == [user]


async def test_what_is_no_address_finds_nobody(api: Replica) -> None:
    await api.new_user(email="ann@example.org")
    found = await api.http.get("/v1/users", params={"email": "ann"})
    assert found.json() == {"items": [], "next_cursor": None}


async def test_creation_says_where_the_user_is(api: Replica) -> None:
    answer = await api.http.post("/v1/users", json={"email": "a@example.org", "name": "Ann"})
    assert answer.headers["location"] == f"/v1/users/{answer.json()['id']}"


async def test_an_address_belongs_to_one_user(api: Replica) -> None:
    await api.new_user(email="ann@example.org")
    again = await api.http.post("/v1/users", json={"email": "ANN@example.org", "name": "B"})
    assert again.status_code == 409
    assert again.json()["errors"][0]["field"] == "email"


async def test_a_change_of_address_cannot_take_anothers(api: Replica) -> None:
    await api.new_user(email="ann@example.org")
    user = await api.new_user()
    answer = await api.http.patch(f"/v1/users/{user}", json={"email": "ann@example.org"})
    assert answer.status_code == 409


async def test_a_repeat_with_the_same_key_gets_the_first_answer(api: Replica) -> None:
    request = {"json": {"email": "a@example.org", "name": "Ann"}, "headers": _key()}
    first = await api.http.post("/v1/users", **request)  # type: ignore[arg-type]
    second = await api.http.post("/v1/users", **request)  # type: ignore[arg-type]
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.headers["location"] == second.headers["location"]


async def test_a_key_used_for_another_request_is_refused(api: Replica) -> None:
    headers = _key()
    await api.http.post("/v1/users", json={"email": "a@example.org", "name": "A"}, headers=headers)
    other = await api.http.post(
        "/v1/users", json={"email": "b@example.org", "name": "B"}, headers=headers
    )
    assert other.status_code == 422
    assert other.json()["type"] == "urn:pharos:problem:idempotency-key-reused"


async def test_two_replicas_given_the_same_key_at_once_make_one_user(
    api: Replica, other: Replica
) -> None:
    request = {"json": {"email": "a@example.org", "name": "Ann"}, "headers": _key()}
    answers = await asyncio.gather(
        *(at.http.post("/v1/users", **request) for at in (api, other) for _ in range(4))  # type: ignore[arg-type]
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1


async def test_pages_hold_every_user_once_in_order(api: Replica) -> None:
    made = [await api.new_user() for _ in range(5)]
    seen, cursor = [], None
    while True:
        parameters = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.http.get("/v1/users", params=parameters)).json()
        seen += [item["id"] for item in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == made


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"cursor": "?"}, "cursor"),
        ({"cursor": "WzFd"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"email": "ann\0@example.org"}, "email"),
    ],
)
async def test_a_bad_page_parameter_is_named(
    api: Replica, parameters: dict[str, str], field: str
) -> None:
    answer = await api.http.get("/v1/users", params=parameters)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_cursor_of_the_activity_is_none_of_the_users(api: Replica) -> None:
    answer = await api.http.get("/v1/users", params={"cursor": "WyJhY3Rpdml0eSIsMV0"})
    assert answer.json()["errors"][0]["field"] == "cursor"


async def test_only_the_fields_that_are_present_change(api: Replica) -> None:
    user = await api.new_user("Ann", "ann@example.org")
    answer = await api.http.patch(f"/v1/users/{user}", json={"name": "Bea"})
    assert (answer.json()["name"], answer.json()["email"]) == ("Bea", "ann@example.org")


async def test_a_field_cannot_be_taken_away(api: Replica) -> None:
    user = await api.new_user()
    answer = await api.http.patch(f"/v1/users/{user}", json={"name": None})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "name"


async def test_a_deleted_user_is_gone_everywhere(api: Replica, other: Replica) -> None:
    user = await api.new_user()
    await other.name_of(user)
    assert (await api.http.delete(f"/v1/users/{user}")).status_code == 204
    gone = [
        await other.http.get(f"/v1/users/{user}"),
        await other.http.get(f"/v1/users/{user}/events"),
        await other.http.delete(f"/v1/users/{user}"),
        await other.http.patch(f"/v1/users/{user}", json={"name": "B"}),
        await other.post_event(user),
    ]
    assert [answer.status_code for answer in gone] == [404] * 5


def _key() -> dict[str, str]:
    return {"idempotency-key": uuid4().hex}
