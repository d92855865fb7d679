"""The edge: every error is a problem document with the request's id, every request is counted."""

import logging
from uuid import UUID, uuid4

import pytest

from backend.api.limits import MAX_BODY_BYTES
from tests.integration.backend.replicas import CLOUD_EVENT, Replica

USER = f"/v1/users/{uuid4()}"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 404),
        ("GET", "/v1/users/", {}, 404),
        ("GET", "/docs", {}, 404),
        ("PUT", "/v1/users", {}, 405),
        ("BREW", "/v1/users", {}, 405),
        ("GET", "/v1/users/nobody", {}, 422),
        ("POST", "/v1/users", {"content-type": "text/plain"}, 415),
        ("POST", "/v1/users", JSON, 400),
        ("POST", "/v1/users", JSON | {"authorization": "Bearer wrong"}, 401),
        ("POST", "/v1/events", JSON | {"authorization": "Basic eDp5"}, 401),
        ("PATCH", USER, JSON | {"authorization": ""}, 401),
        ("DELETE", USER, {"authorization": "Bearer ü".encode("latin-1").decode("latin-1")}, 401),
        ("POST", "/v1/events", JSON | {"content-length": "65537"}, 413),
    ],
)
async def test_errors_are_problem_documents(
    api: Replica, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = await api.http.request(method, path, headers=raw)  # type: ignore[arg-type]
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_refused_method_says_which_are_taken(api: Replica) -> None:
    answer = await api.http.put("/v1/users")
    assert answer.headers["allow"] == "GET, POST"


async def test_a_refused_token_says_what_is_wanted(api: Replica) -> None:
    answer = await api.http.delete(USER, headers={"authorization": ""})
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_reading_needs_no_token(api: Replica) -> None:
    user = await api.new_user()
    del api.http.headers["authorization"]
    paths = [f"/v1/users/{user}", f"/v1/users/{user}/events", "/v1/users", "/v1/openapi.json"]
    assert [(await api.http.get(path)).status_code for path in paths] == [200] * 4


async def test_a_body_that_grows_past_the_limit_is_refused_while_it_is_read(api: Replica) -> None:
    async def chunks() -> object:
        for _ in range(20):
            yield b" " * 100_000

    answer = await api.http.post("/v1/events", content=chunks(), headers=CLOUD_EVENT)  # type: ignore[arg-type]
    assert answer.status_code == 413


async def test_an_event_of_just_the_limit_is_taken_and_the_refusal_of_a_larger_one_names_it(
    api: Replica,
) -> None:
    user = await api.new_user()
    empty = (await api.post_event(user, id="1", data="")).request.content
    room = MAX_BODY_BYTES - len(empty)
    taken = await api.post_event(user, id="2", data="x" * room)
    refused = await api.post_event(user, id="3", data="x" * (room + 1))
    assert (taken.status_code, refused.status_code) == (202, 413)
    assert "65536 bytes" in refused.json()["detail"]


async def test_a_sane_request_id_is_kept_and_another_replaced(api: Replica) -> None:
    kept = await api.http.get("/v1/users", headers={"x-request-id": "abc-123"})
    replaced = await api.http.get("/v1/users", headers={"x-request-id": "a b\t{}"})
    assert kept.headers["x-request-id"] == "abc-123"
    assert UUID(replaced.headers["x-request-id"])


async def test_requests_are_counted_by_template_and_strangers_by_one_value(api: Replica) -> None:
    await api.http.get(USER)
    await api.http.get(f"/{uuid4()}")
    await api.http.request("BREW", "/v1/users")
    series = "pharos_http_requests_total"
    assert api.metric(f'{series}{{method="GET",route="/v1/users/{{user_id}}",status="404"}}') == 1
    assert api.metric(f'{series}{{method="GET",route="unmatched",status="404"}}') == 1
    assert api.metric(f'{series}{{method="_OTHER",route="/v1/users",status="405"}}') == 1


async def test_each_request_is_one_log_line_without_personal_data(
    api: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="backend.api.observed"):
        await api.http.get("/v1/users", params={"email": "ann@example.org"})
    (line,) = [record for record in caplog.records if record.name == "backend.api.observed"]
    assert vars(line)["pharos.route"] == vars(line)["url.path"] == "/v1/users"
    assert "ann@" not in str(vars(line))


async def test_an_unexpected_exception_is_a_500_that_tells_nothing_but_is_counted(
    api: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("backend.services.users.UserService.page", broken)
    answer = await api.http.get("/v1/users")
    assert answer.status_code == 500
    assert "secret reason" not in answer.text
    assert api.metric('pharos_exceptions_total{kind="RuntimeError"}') == 1


async def test_of_a_thousand_errors_the_first_are_named_and_the_rest_counted(api: Replica) -> None:
    unknown = {f"unknown-{number}": number for number in range(1000)}
    answer = await api.http.post(
        "/v1/users", json={"email": "a@example.org", "name": "A", **unknown}
    )
    assert answer.status_code == 422
    *named, last = answer.json()["errors"]
    assert [error["field"] for error in named] == [f"unknown-{number}" for number in range(20)]
    assert last["message"] == "980 more errors are not listed"
