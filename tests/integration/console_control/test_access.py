"""Who may do what, and how a person or a token proves who it is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx

from console.control.services.sessions import LINK_LIFETIME, SESSION_LIFETIME
from tests.fixtures.control_service import PASSWORD, Service


def _add(operator: httpx.Client, name: str = "ada") -> None:
    person = {"name": name, "password": PASSWORD, "reason": "joins the team"}
    assert operator.post("/v1/people", json=person).status_code == 201


def _sign_in(service: Service, client: httpx.Client, **form: str) -> httpx.Response:
    return client.post("/sign-in", data={"name": "ada", "password": PASSWORD, **form})


def test_an_unknown_token_is_nobody(service: Service) -> None:
    with service.client("operator") as client:
        assert client.get("/v1/session").status_code == 401


def test_a_person_signs_in_and_out(service: Service, operator: httpx.Client) -> None:
    _add(operator)
    with service.client() as browser:
        answer = _sign_in(service, browser)
        assert answer.status_code == 303
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert "SameSite=lax" in answer.headers["set-cookie"]
        assert browser.get("/v1/session").json()["actor"] == "ada"
        assert browser.post("/sign-out", headers={"Origin": service.url}).status_code == 204
        assert browser.get("/v1/session").status_code == 401


def test_the_session_also_works_as_a_bearer_token(service: Service, operator: httpx.Client) -> None:
    _add(operator)
    with service.client() as browser:
        cookie = _sign_in(service, browser).cookies[f"pharos_{service.home.stack_id}"]
    with service.client(cookie) as console:
        assert console.get("/v1/session").json()["kind"] == "person"
        assert console.post("/v1/halt", json={"reason": "by bearer"}).status_code == 200
        assert console.post("/sign-out").status_code == 204
        assert console.get("/v1/session").status_code == 401


def test_a_token_cannot_sign_out_and_works_on(operator: httpx.Client) -> None:
    answer = operator.post("/sign-out")
    assert (answer.status_code, answer.json()["refused"]) == (409, True)
    row = operator.get("/v1/audit?limit=1").json()[0]
    assert (row["action"], row["outcome"]) == ("sign-out", "refused")


def test_a_session_ends_after_its_lifetime(service: Service, operator: httpx.Client) -> None:
    _add(operator)
    with service.client() as browser:
        cookie = _sign_in(service, browser).cookies[f"pharos_{service.home.stack_id}"]
    service.clock.ahead = SESSION_LIFETIME + timedelta(seconds=1)
    with service.client(cookie) as console:
        assert console.get("/v1/session").status_code == 401


def test_a_wrong_password_is_answered_in_words_and_written_down(
    service: Service, operator: httpx.Client
) -> None:
    _add(operator)
    with service.client() as browser:
        answer = _sign_in(service, browser, password="guess")
        assert answer.status_code == 401
        assert "name or the password is wrong" in answer.text
    entry = operator.get("/v1/audit?limit=1").json()[0]
    assert (entry["actor"], entry["action"], entry["outcome"]) == ("ada", "sign-in", "refused")


def test_guessing_is_slowed_down_even_for_the_right_password(
    service: Service, operator: httpx.Client
) -> None:
    _add(operator)
    service.clock.stop()
    with service.client() as browser:
        codes = [_sign_in(service, browser, password="guess").status_code for _ in range(5)]
        assert codes[:4] == [401] * 4
        closed = _sign_in(service, browser)
        assert (codes[4], closed.status_code) == (429, 429)
        assert closed.headers["retry-after"] == "1"
        rows = [row for row in operator.get("/v1/audit").json() if row["action"] == "sign-in"]
        assert [row["outcome"] for row in rows] == ["refused"] * 5
        assert rows[0]["detail"].startswith("Too many attempts to sign in: wait 1 s")
        service.clock.ahead = timedelta(minutes=6)
        assert _sign_in(service, browser).status_code == 303


def test_a_cookie_alone_does_not_act_for_another_sites_page(
    service: Service, operator: httpx.Client
) -> None:
    _add(operator)
    forged = {"reason": "forged"}
    with service.client() as browser:
        _sign_in(service, browser)
        nothing: dict[str, str] = {}
        for headers in (
            nothing,
            {"Origin": "http://evil.example"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            assert browser.post("/v1/halt", headers=headers, json=forged).status_code == 403
        assert not service.home.halt_file.exists()
        rows = operator.get("/v1/audit?limit=3").json()
        assert [(row["actor"], row["outcome"]) for row in rows] == [("ada", "refused")] * 3
        assert {row["target"] for row in rows} == {"POST /v1/halt"}
        own = {"Origin": service.url}
        assert browser.post("/v1/halt", headers=own, json=forged).status_code == 200


def test_a_foreign_page_cannot_sign_anybody_in(service: Service, operator: httpx.Client) -> None:
    _add(operator)
    with service.client() as browser:
        form = {"name": "ada", "password": PASSWORD}
        answer = browser.post("/sign-in", data=form, headers={"Origin": "http://evil.example"})
        assert answer.status_code == 403


def test_a_link_signs_one_of_many_browsers_in(service: Service) -> None:
    with service.client(service.token("console_token")) as host:
        url = host.post("/v1/sign-in-links").json()["url"]
    with ThreadPoolExecutor(8) as browsers:
        answers = list(browsers.map(lambda _: service.visit(url), range(8)))
    assert sorted(answer.status_code for answer in answers) == [303] + [410] * 7
    used = next(answer for answer in answers if answer.status_code == 410)
    assert "no longer works" in used.text


def test_a_link_ends_after_five_minutes(service: Service, operator: httpx.Client) -> None:
    url = operator.post("/v1/sign-in-links").json()["url"]
    service.clock.ahead = LINK_LIFETIME
    assert service.visit(url).status_code == 410


def test_signing_in_leads_to_the_console_only(service: Service, operator: httpx.Client) -> None:
    console = f"http://127.0.0.1:{service.home.ports['console']}"
    for wanted, reached in (
        (f"{console}/replicas", f"{console}/replicas"),
        ("http://evil.example/", f"{console}/"),
    ):
        url = operator.post("/v1/sign-in-links").json()["url"]
        answer = service.visit(url, next=wanted)
        assert answer.headers["location"] == reached


def test_removing_a_person_ends_their_session(service: Service, operator: httpx.Client) -> None:
    _add(operator)
    with service.client() as browser:
        _sign_in(service, browser)
        answer = operator.request("DELETE", "/v1/people/ada", json={"reason": "left the team"})
        assert answer.status_code == 204
        assert browser.get("/v1/session").status_code == 401
        assert _sign_in(service, browser).status_code == 401


def test_nobody_is_added_twice_and_no_password_is_repeated(operator: httpx.Client) -> None:
    _add(operator)
    again = {"name": "ada", "password": PASSWORD, "reason": "once more"}
    assert operator.post("/v1/people", json=again).status_code == 409
    short = operator.post("/v1/people", json={**again, "name": "bob", "password": "secret"})
    assert short.status_code == 422
    assert short.json()["errors"][0]["field"] == "password"
    assert "secret" not in short.text


def test_the_file_holds_no_token_and_no_password(service: Service, operator: httpx.Client) -> None:
    _add(operator)
    with service.client() as browser:
        cookie = _sign_in(service, browser).cookies[f"pharos_{service.home.stack_id}"]
    service.control.database.close()
    kept = b"".join(
        path.read_bytes() for path in service.control.settings.database.parent.iterdir()
    )
    assert b"ada" in kept
    assert cookie.encode() not in kept
    assert PASSWORD.encode() not in kept
