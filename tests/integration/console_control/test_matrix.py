"""Every endpoint with everybody who may ask: the whole of who may do what, in one table.

The endpoints come from the application itself, so that a new one without a line
here fails. A line is the least that is needed: nothing (`open`), being anybody
known (`known`), a role, or a machine's scope, which no role holds.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from console.control.app import create_app
from console.schemas import ROLES
from tests.fixtures.control_service import Service

MATRIX = {
    "GET /livez": "open",
    "GET /readyz": "open",
    "GET /sign-in": "open",
    "POST /sign-in": "open",
    "GET /sign-in/{code}": "open",
    "GET /metrics": "metrics",
    "POST /v1/alerts/webhook": "webhook",
    "POST /v1/sign-in-links": "mint",
    "GET /v1/session": "known",
    "POST /sign-out": "known",
    "GET /openapi.json": "viewer",
    "GET /v1/actions": "viewer",
    "GET /v1/actions/{action_id}": "viewer",
    "GET /v1/alerts": "viewer",
    "GET /v1/alerts/active": "viewer",
    "GET /v1/audit": "viewer",
    "GET /v1/dashboards": "viewer",
    "GET /v1/drills": "viewer",
    "GET /v1/drills/{run}": "viewer",
    "GET /v1/drills/guards": "viewer",
    "GET /v1/experiments": "viewer",
    "GET /v1/freezes": "viewer",
    "GET /v1/headroom": "viewer",
    "GET /v1/faults": "viewer",
    "GET /v1/game-days": "viewer",
    "GET /v1/ledger": "viewer",
    "GET /v1/logs": "viewer",
    "GET /v1/logs/histogram": "viewer",
    "GET /v1/logs/requests/{request_id}": "viewer",
    "GET /v1/reports/{run}": "viewer",
    "GET /v1/runbooks/{alert}": "viewer",
    "GET /v1/silences": "viewer",
    "GET /v1/state": "viewer",
    "GET /v1/timeline": "viewer",
    # It only asks what a scaling would do.
    "POST /v1/scale/preview": "viewer",
    # Whoever sees a drill go wrong stops it; only an admin lets drills start again.
    "POST /v1/halt": "viewer",
    "POST /v1/rearm": "admin",
    "POST /v1/alerts/{fingerprint}/acknowledgement": "operator",
    "DELETE /v1/alerts/{fingerprint}/acknowledgement": "operator",
    "POST /v1/drills": "operator",
    "POST /v1/scale": "operator",
    "POST /v1/restart": "operator",
    "POST /v1/actions/{action_id}/abort": "operator",
    "POST /v1/actions/{action_id}/resume": "operator",
    "POST /v1/replicas/{replica_id}/drain": "operator",
    "POST /v1/replicas/{replica_id}/quarantine": "operator",
    "POST /v1/replicas/{replica_id}/release": "operator",
    "POST /v1/silences": "operator",
    "DELETE /v1/silences/{silence_id}": "operator",
    # Who may let drills start again says when none may.
    "POST /v1/freezes": "admin",
    "DELETE /v1/freezes/{name}": "admin",
    "GET /v1/schedules": "viewer",
    "GET /v1/schedules/turns": "viewer",
    "POST /v1/schedules/preview": "viewer",
    "POST /v1/schedules": "admin",
    "DELETE /v1/schedules/{name}": "admin",
    "POST /v1/game-days": "admin",
    "POST /v1/game-days/{name}/end": "admin",
    "GET /v1/people": "admin",
    "POST /v1/people": "admin",
    "PUT /v1/people/{name}/role": "admin",
    "DELETE /v1/people/{name}": "admin",
    "GET /v1/tokens": "admin",
    "POST /v1/tokens": "admin",
    "DELETE /v1/tokens/{name}": "admin",
}
KEYS = {"mint": "console_token", "metrics": "metrics_token", "webhook": "webhook_token"}
WHO = ("nobody", *ROLES, *KEYS)


def _expected(who: str, need: str) -> int | None:
    """Return the status of the refusal; null where none is due."""
    if need == "open":
        return None
    if who == "nobody":
        return 401
    if need in ("known", who):
        return None
    if need in ROLES and who in ROLES and ROLES.index(who) > ROLES.index(need):
        return None
    return 403


def _endpoints(app: FastAPI) -> set[str]:
    """Return each as in the table; a mount or a web socket, which has no method, as `ANY …`."""
    return {
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in route.methods or {"ANY"}
    }


@pytest.fixture
def everybody(service: Service) -> Iterator[dict[str, httpx.Client]]:
    with ExitStack() as stack:
        clients = {"nobody": service.client()}
        clients |= {role: service.person(f"a-{role}", role) for role in ROLES}
        clients |= {who: service.client(service.token(key)) for who, key in KEYS.items()}
        for client in clients.values():
            stack.enter_context(client)
        yield clients


def test_every_endpoint_has_its_line(service: Service) -> None:
    assert _endpoints(create_app(service.control)) == set(MATRIX)


def test_everybody_may_do_what_the_table_says_and_nothing_else(
    service: Service, everybody: dict[str, httpx.Client]
) -> None:
    # Bodies are empty, so that whoever is let in changes nothing; signing out comes last.
    wrong = []
    for endpoint, need in sorted(MATRIX.items(), key=lambda line: line[0] == "POST /sign-out"):
        method, path = endpoint.split(" ")
        for who in WHO:
            client = everybody[who]
            answer = client.request(method, re.sub(r"\{.*?\}", "x", path), json={})
            refused = answer.status_code if answer.status_code in (401, 403) else None
            form = endpoint == "POST /sign-in"  # whose own 401 is a wrong password
            if not form and refused != _expected(who, need):
                wrong.append(f"{who}: {endpoint}: {answer.status_code}")
    assert wrong == []
    assert service.driver.wanted["api"] == 2


def test_nobody_known_is_told_how_to_be(service: Service) -> None:
    with service.client() as nobody:
        assert nobody.get("/v1/state").headers["www-authenticate"] == "Bearer"
        for page in ("/docs", "/redoc"):
            assert nobody.get(page).status_code == 404


def test_a_deed_without_the_right_is_refused_in_words_and_written_down(service: Service) -> None:
    with service.person("vera", "viewer") as viewer:
        asked = {"role": "api", "count": 3, "reason": "not mine"}
        answer = viewer.post("/v1/scale", json=asked)
        assert (answer.status_code, answer.json()["refused"]) == (403, True)
        assert answer.json()["detail"] == "This takes the right operator; vera has viewer."
        row = viewer.get("/v1/audit?limit=1").json()[0]
    assert (row["actor"], row["action"], row["outcome"]) == ("vera", "not-allowed", "refused")
    assert row["target"] == "POST /v1/scale"


def test_a_viewer_halts_and_only_an_admin_rearms(service: Service) -> None:
    with service.person("vera", "viewer") as viewer, service.person("otto", "operator") as operator:
        assert viewer.post("/v1/halt", json={"reason": "it goes wrong"}).json()["by"] == "vera"
        assert operator.post("/v1/rearm", json={"reason": "go on"}).status_code == 403
    assert service.home.halt_file.exists()
    with service.person("ada", "admin") as admin:
        assert admin.post("/v1/rearm", json={"reason": "calm"}).status_code == 200


def test_what_is_shown_says_who_asks_and_as_what(service: Service) -> None:
    with service.person("vera", "viewer") as viewer:
        session = viewer.get("/v1/session").json()
        assert (session["actor"], session["role"]) == ("vera", "viewer")
        assert viewer.get("/v1/state").json()["role"] == "viewer"
