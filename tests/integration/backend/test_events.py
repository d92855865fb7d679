"""Taking events in: one effect each, in order, with its message in the outbox."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from backend.api.bodies import MAX_DEPTH
from backend.observability.traceparent import parse
from tests.integration.backend.replicas import CLOUD_EVENT, Replica, until, waiting


@pytest.fixture
def rows(connection: asyncpg.Connection) -> Any:
    return connection.fetch


async def test_a_new_event_is_accepted_with_its_place_in_the_stream(api: Replica) -> None:
    user = await api.new_user()  # whose creation is the first event of his stream
    answers = [(await api.post_event(user)).json() for _ in range(2)]
    assert [answer["sequence"] for answer in answers] == [2, 3]
    assert not any(answer["repeat"] for answer in answers)


async def test_a_repeat_is_accepted_and_has_no_effect(api: Replica, rows: Any) -> None:
    user = await api.new_user()
    first = (await api.post_event(user, id="1", data={"a": 1})).json()
    again = await api.post_event(user, id="1", data={"a": 2})
    assert again.status_code == 202
    assert again.json() == {**first, "repeat": True}
    assert len(await rows("SELECT FROM outbox WHERE routing_key = 'page.viewed'")) == 1


async def test_every_event_that_enters_the_pipeline_is_counted_once(
    api: Replica, rows: Any
) -> None:
    user = await api.new_user()
    for _ in range(2):
        await api.post_event(user, id="1")
    await api.rename(user, "Bea")
    await api.http.delete(f"/v1/users/{user}")
    kinds = ("page.viewed", "user.created", "user.updated", "user.deleted")
    counted = [api.accepted(kind) for kind in kinds]
    assert counted == [1, 1, 1, 1]
    assert sum(counted) == len(await rows("SELECT FROM outbox"))
    assert api.accepted("page.viewed", "repeat") == 1


async def test_one_event_sent_to_two_replicas_at_once_is_written_once(
    api: Replica, other: Replica, connection: asyncpg.Connection
) -> None:
    user = await api.new_user()
    async with connection.transaction():
        await connection.execute("SELECT FROM streams FOR UPDATE")
        posts = [asyncio.create_task(at.post_event(user, id="1")) for at in (api, other)]
        await until(lambda: waiting(connection, len(posts)))
    answers = await asyncio.gather(*posts)
    assert [answer.status_code for answer in answers] == [202, 202]
    assert sorted(answer.json()["repeat"] for answer in answers) == [False, True]
    assert {answer.json()["sequence"] for answer in answers} == {2}


async def test_one_identity_claimed_for_two_users_at_once_is_one_event(
    api: Replica, other: Replica, rows: Any
) -> None:
    users = [await api.new_user(), await api.new_user()]
    answers = await asyncio.gather(
        *(at.post_event(user, id="1") for at in (api, other) for user in users for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len(await rows("SELECT FROM events WHERE source = 'urn:test'")) == 1


async def test_sequences_have_no_gaps_and_outbox_positions_follow_them(
    api: Replica, other: Replica, rows: Any
) -> None:
    user = await api.new_user()
    await asyncio.gather(*(at.post_event(user) for at in (api, other) for _ in range(15)))
    sequences = [
        row["sequence"]
        for row in await rows(
            "SELECT headers->'sequence' AS sequence FROM outbox ORDER BY position"
        )
    ]
    assert [int(sequence) for sequence in sequences] == list(range(1, 32))


async def test_the_message_is_the_event_with_our_two_attributes(api: Replica, rows: Any) -> None:
    user = await api.new_user()
    accepted = (await api.post_event(user, id="1", data={"p": [1, "ü"]}, extension="kept")).json()
    row = (await rows("SELECT * FROM outbox WHERE routing_key = 'page.viewed'"))[0]
    body, headers = orjson.loads(row["body"]), orjson.loads(row["headers"])
    assert (body["data"], body["extension"]) == ({"p": [1, "ü"]}, "kept")
    assert body["sequence"] == headers["sequence"] == accepted["sequence"]
    assert headers["user_id"] == user
    assert UUID(headers["event_key"]) == row["event_key"]


async def test_the_request_id_and_the_trace_travel_with_the_message(
    api: Replica, rows: Any
) -> None:
    trace = f"00-{uuid4().hex}-{uuid4().hex[:16]}-01"
    api.http.headers.update({"x-request-id": "request-of-the-test", "traceparent": trace})
    await api.post_event(await api.new_user())
    stored = await rows("SELECT headers FROM outbox WHERE routing_key = 'page.viewed'")
    headers = orjson.loads(stored[0]["headers"])
    assert headers["request_id"] == "request-of-the-test"
    ours, theirs = parse(headers["traceparent"]), parse(trace)
    assert ours is not None
    assert theirs is not None
    assert (ours.trace_id, ours.sampled) == (theirs.trace_id, True)
    assert ours.span_id != theirs.span_id


async def test_every_change_of_a_user_is_an_event_without_personal_data(
    api: Replica, rows: Any
) -> None:
    user = await api.new_user("Ann", "ann@example.org")
    await api.rename(user, "Bea")
    await api.http.delete(f"/v1/users/{user}")
    documents = [
        row["document"] for row in await rows("SELECT document FROM events ORDER BY sequence")
    ]
    types = [orjson.loads(document)["type"] for document in documents]
    assert types == ["user.created", "user.updated", "user.deleted"]
    assert not any(word in document for document in documents for word in ("Ann", "Bea", "ann@"))


async def test_a_change_that_is_refused_leaves_no_event(api: Replica, rows: Any) -> None:
    await api.new_user(email="ann@example.org")
    await api.http.post("/v1/users", json={"email": "ann@example.org", "name": "B"})
    assert len(await rows("SELECT FROM events")) == len(await rows("SELECT FROM streams")) == 1


async def test_events_and_a_deletion_at_once_leave_none_behind_the_deletion(
    api: Replica, other: Replica, rows: Any
) -> None:
    user = await api.new_user()
    posts = [at.post_event(user) for at in (api, other) for _ in range(10)]
    answers = await asyncio.gather(*posts[:10], api.http.delete(f"/v1/users/{user}"), *posts[10:])
    assert {answer.status_code for answer in answers} <= {202, 204, 404}
    last = await rows("SELECT type FROM events ORDER BY sequence DESC LIMIT 1")
    assert last[0]["type"] == "user.deleted"


async def test_an_event_of_nobody_is_not_found(api: Replica) -> None:
    answer = await api.post_event(str(uuid4()))
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:pharos:problem:unknown-user"


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"type": ""}, "type"),
        ({"type": "ü" * 200}, "type"),
        ({"source": "a\u0000b"}, "source"),
        ({"subject": "nobody"}, "subject"),
        ({"time": "2026-01-01T00:00:00"}, "time"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "time"),
        ({"datacontenttype": "text/plain"}, "datacontenttype"),
    ],
)
async def test_what_is_wrong_with_an_event_is_named(
    api: Replica, attributes: dict[str, Any], field: str
) -> None:
    answer = await api.post_event(str(uuid4()), **attributes)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"data": "a\u0000b"}, "data"),
        ({"data": {"pages": ["/", {"title": "\u0000"}]}}, "data.pages.1.title"),
        ({"data": {"a\u0000b": 1}}, "data.a\u0000b"),
        ({"dataschema": "\u0000"}, "dataschema"),
        ({"source": "urn:pharos:users"}, "source"),
    ],
)
async def test_what_cannot_be_kept_is_refused_whole(
    api: Replica, rows: Any, attributes: dict[str, Any], field: str
) -> None:
    answer = await api.post_event(await api.new_user(), **attributes)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:pharos:problem:unstorable-event"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert len(await rows("SELECT FROM events")) == 1


@pytest.mark.parametrize(
    ("levels", "status"),
    [(MAX_DEPTH - 1, 202), (MAX_DEPTH, 422), (210, 422), (900, 422)],
)
async def test_an_event_that_is_accepted_is_not_too_deep_for_those_who_read_it(
    api: Replica, levels: int, status: int
) -> None:
    data = orjson.loads("[" * levels + "]" * levels)
    answer = await api.post_event(await api.new_user(), data=data)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("number", "field"),
    [
        (2**64 - 1, None),
        (-(2**63), None),
        (2**64, "data.ids.1"),
        (-(2**63) - 1, "data.ids.1"),
        (10**300, "data.ids.1"),
    ],
)
async def test_an_integer_that_would_be_rounded_is_refused_and_named(
    api: Replica, rows: Any, number: int, field: str | None
) -> None:
    answer = await api.post_event(await api.new_user(), id="1", data={"ids": [1, number]})
    assert [error["field"] for error in answer.json().get("errors", ())] == [field] * bool(field)
    stored = await rows("SELECT document->'data'->'ids'->>1 AS id FROM events WHERE id = '1'")
    assert (answer.status_code, [row["id"] for row in stored]) == (
        (422, []) if field else (202, [str(number)])
    )


@pytest.mark.parametrize(
    "harmless", ["9" * 30, 1.2345678901234567e19, {"9" * 30: {"9" * 30: [None]}}]
)
async def test_digits_that_are_no_integer_are_taken(api: Replica, harmless: Any) -> None:
    answer = await api.post_event(await api.new_user(), data=harmless)
    assert answer.status_code == 202


async def test_an_event_that_is_no_object_may_be_an_integer_too_large(api: Replica) -> None:
    answer = await api.http.post("/v1/events", content=b"9" * 30, headers=CLOUD_EVENT)
    assert [error["field"] for error in answer.json()["errors"]] == ["body"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"data": 1e400}', b"\xff", b"[" * 5000, b'"\\ud800"']
)
async def test_what_is_not_json_is_said_to_be_so(api: Replica, body: bytes) -> None:
    answer = await api.http.post("/v1/events", content=body, headers=CLOUD_EVENT)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:pharos:problem:malformed-json"
