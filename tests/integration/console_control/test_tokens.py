"""Bearer tokens for programs: what they may do, for how long, and what is seen of them."""

import json
from datetime import timedelta

import httpx
import pytest
from typer.testing import CliRunner, Result

from console.cli import app
from tests.fixtures.control_service import Service

WHY = ("--reason", "for the pipeline")


def _token(*args: str) -> Result:
    return CliRunner().invoke(app, ["access", "token", *args])


def _create(name: str, *args: str) -> str:
    made = _token("create", name, *args, *WHY)
    assert made.exit_code == 0, made.output
    return made.stdout.strip()


def _audit(operator: httpx.Client) -> list[tuple[str, str, str]]:
    rows = operator.get("/v1/audit").json()
    return [(row["actor"], row["action"], row["outcome"]) for row in rows]


def test_a_token_acts_in_its_role_and_by_its_name(service: Service, operator: httpx.Client) -> None:
    value = _create("ci", "--role", "operator", "--expires", "12h")
    with service.client(value) as program:
        session = program.get("/v1/session").json()
        assert (session["actor"], session["kind"], session["role"]) == (
            "token:ci",
            "token",
            "operator",
        )
        asked = {"role": "api", "count": 99, "reason": "too many"}
        assert program.post("/v1/scale", json=asked).status_code == 409
        assert program.post("/v1/rearm", json={"reason": "not mine"}).status_code == 403
    assert _audit(operator)[:2] == [
        ("token:ci", "not-allowed", "refused"),
        ("token:ci", "scale", "refused"),
    ]


def test_a_machine_s_scope_opens_its_one_door(service: Service) -> None:
    with service.client(_create("scraper", "--scope", "metrics")) as program:
        assert program.get("/metrics").status_code == 200
        assert program.get("/v1/state").status_code == 403


@pytest.mark.parametrize("end", ["expired", "revoked"])
def test_a_token_that_has_ended_is_refused_in_words_and_written_down_once(
    service: Service, operator: httpx.Client, end: str
) -> None:
    with service.client(_create("ci", "--role", "viewer", "--expires", "30d")) as program:
        assert program.get("/v1/state").status_code == 200
        if end == "expired":
            service.clock.ahead = timedelta(days=30, seconds=1)
        else:
            assert _token("revoke", "ci", *WHY).exit_code == 0
        for _ in range(2):
            answer = program.get("/v1/state")
            assert answer.status_code == 401
            assert f"The token ci {end if end == 'expired' else 'was revoked'} at" in answer.text
    assert _audit(operator).count(("token:ci", "token-refused", "refused")) == 1


def test_a_value_is_shown_once_and_not_kept(service: Service, operator: httpx.Client) -> None:
    made = _token("create", "ci", "--role", "admin", "--json", *WHY)
    value = json.loads(made.stdout)["value"]
    assert value.startswith("pharos_")
    assert value not in _token("list", "--json").stdout
    assert value not in operator.get("/v1/audit").text
    folder = service.control.settings.database.parent
    assert value.encode() not in b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_name_is_free_again_once_its_token_is_revoked(operator: httpx.Client) -> None:
    _create("ci", "--role", "viewer")
    again = _token("create", "ci", "--role", "viewer", *WHY)
    assert (again.exit_code, "revoke it first" in again.stderr) == (1, True)
    assert _token("revoke", "ci", *WHY).exit_code == 0
    assert _token("revoke", "ci", *WHY).exit_code == 2
    _create("ci", "--role", "operator")
    listed = json.loads(_token("list", "--json").stdout)
    assert [(row["scope"], row["revoked_by"]) for row in listed] == [
        ("operator", None),
        ("viewer", "operator@local (cli)"),
    ]
    assert "revoked by" in _token("list").stdout


@pytest.mark.parametrize(
    "args",
    [
        ("ci",),
        ("ci", "--role", "viewer", "--scope", "mint"),
        ("ci", "--role", "root"),
        ("ci", "--role", "viewer", "--expires", "for ever"),
        ("ci", "--role", "viewer", "--expires", "400d"),
        ("No Name", "--role", "viewer"),
    ],
)
def test_wrong_usage_makes_no_token(operator: httpx.Client, args: tuple[str, ...]) -> None:
    assert _token("create", *args, *WHY).exit_code == 2
    assert operator.get("/v1/tokens").json() == []
