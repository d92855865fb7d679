"""People's roles: given, changed while somebody is signed in, and never without an admin left."""

import sqlite3
from contextlib import closing

import httpx

from console.control.storage.migrations import MIGRATIONS, migrate
from tests.fixtures.control_service import PASSWORD, Service

WHY = {"reason": "a test"}
# The last release before there were roles.
BEFORE_ROLES = 3


def _change(client: httpx.Client, name: str, role: str) -> httpx.Response:
    return client.put(f"/v1/people/{name}/role", json={"role": role, **WHY})


def _remove(client: httpx.Client, name: str) -> httpx.Response:
    return client.request("DELETE", f"/v1/people/{name}", json=WHY)


def test_who_is_added_without_a_role_reads_and_no_more(operator: httpx.Client) -> None:
    person = {"name": "vera", "password": PASSWORD, **WHY}
    assert operator.post("/v1/people", json=person).json()["role"] == "viewer"


def test_an_unknown_role_is_refused_with_those_that_are_known(operator: httpx.Client) -> None:
    person = {"name": "vera", "password": PASSWORD, "role": "root", **WHY}
    problem = operator.post("/v1/people", json=person)
    assert problem.status_code == 422
    assert problem.json()["errors"][0]["field"] == "role"
    assert "'viewer', 'operator' or 'admin'" in problem.json()["detail"]


def test_a_changed_role_holds_in_sessions_that_are_open(
    service: Service, operator: httpx.Client
) -> None:
    with service.person("vera", "viewer") as vera:
        asked = {"role": "api", "count": 99, **WHY}
        assert vera.post("/v1/scale", json=asked).status_code == 403
        assert _change(operator, "vera", "operator").json()["role"] == "operator"
        assert vera.post("/v1/scale", json=asked).status_code == 409
        assert _change(operator, "vera", "viewer").status_code == 200
        assert vera.post("/v1/scale", json=asked).status_code == 403
    row = operator.get("/v1/audit").json()[1]
    assert (row["action"], row["detail"]) == ("access-role", "viewer, was operator")


def test_the_last_admin_stays_one(service: Service, operator: httpx.Client) -> None:
    service.person("ada", "admin").close()
    for answer in (_remove(operator, "ada"), _change(operator, "ada", "viewer")):
        assert (answer.status_code, answer.json()["refused"]) == (409, True)
        assert "last admin" in answer.json()["detail"]
    assert [row["outcome"] for row in operator.get("/v1/audit?limit=2").json()] == ["refused"] * 2
    service.person("grace", "admin").close()
    assert _change(operator, "ada", "viewer").status_code == 200
    assert _remove(operator, "ada").status_code == 204
    assert _remove(operator, "grace").status_code == 409


def test_nobody_changes_their_own_access(service: Service) -> None:
    service.person("grace", "admin").close()
    with service.person("ada", "admin") as ada:
        for answer in (_remove(ada, "ada"), _change(ada, "ada", "viewer")):
            assert answer.status_code == 409
            assert "your own access" in answer.json()["detail"]
        assert _remove(ada, "grace").status_code == 204


def test_a_role_that_somebody_has_already_and_a_stranger_are_told(
    service: Service, operator: httpx.Client
) -> None:
    service.person("vera", "viewer").close()
    assert "viewer already" in _change(operator, "vera", "viewer").json()["detail"]
    assert _change(operator, "nobody", "viewer").status_code == 404


def test_whoever_could_sign_in_before_there_were_roles_is_an_operator(stopped: Service) -> None:
    path = stopped.home.data / "control" / "control.sqlite3"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        migrate(file, MIGRATIONS[:BEFORE_ROLES])
        file.execute("INSERT INTO people VALUES ('old', 'hash', 'root', '2026-11-22 18:00:00')")
    stopped.start()
    with stopped.operator as operator:
        people = operator.get("/v1/people").json()
    stopped.stop()
    assert [(row["name"], row["role"]) for row in people] == [("old", "operator")]


def test_the_local_link_signs_the_machine_s_owner_in_as_admin(
    service: Service, operator: httpx.Client
) -> None:
    with service.client() as browser:
        browser.get(operator.post("/v1/sign-in-links").json()["url"])
        session = browser.get("/v1/session").json()
    assert (session["actor"], session["role"]) == ("operator@local", "admin")
