"""What the fault port refuses: what cannot be, who may not, and where nothing is injected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.running import eventually
from tests.unit.backend.faultport import BURN, READINESS, TOKEN, held, port, refused


@pytest.fixture(scope="module")
def ops() -> Iterator[httpx.Client]:
    with port() as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"kind": "memory-growth", "arguments": {"mebibytes": 513}}, "arguments.mebibytes"),
        ({"kind": "memory-growth", "lease_seconds": 301}, "lease_seconds"),
        ({"kind": "latency", "arguments": {"delay_seconds": 1}}, "kind"),
        ({"kind": "earthquake"}, "kind"),
        ({}, "kind"),
        ({"kind": "cpu-burn", "target": "api-7"}, "target"),
        ({"kind": "cpu-burn", "id": "a/b"}, "id"),
        ({"kind": "cpu-burn", "leaseseconds": 5}, "leaseseconds"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    ops: httpx.Client, asked: dict[str, Any], field: str
) -> None:
    assert refused(ops.post("/v1/faults", json={"id": "a", **asked})) == (422, [field])
    assert held(ops) == {}


def test_a_body_that_is_no_json_is_refused(ops: httpx.Client) -> None:
    assert refused(ops.post("/v1/faults", content=b"{")) == (422, ["body"])


@pytest.mark.parametrize(
    "header", ["", "Bearer wrong", f"Basic {TOKEN}", "Bearer", "Bearer \u00e4"]
)
def test_without_the_token_no_verb_is_served(ops: httpx.Client, header: str) -> None:
    headers = {b"authorization": header.encode()}
    verbs = [("POST", ""), ("GET", ""), ("DELETE", ""), ("POST", "/a/renewal"), ("DELETE", "/a")]
    for method, path in verbs:
        answer = ops.request(method, f"/v1/faults{path}", headers=headers)
        assert refused(answer)[0] == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_where_no_token_is_configured_there_is_no_fault_port() -> None:
    with port(fault_token="") as ops:
        answer = ops.post("/v1/faults", json=BURN)
        assert refused(answer)[0] == 404
        assert "fault_token" in answer.json()["detail"]
        assert ops.get("/livez").status_code == 200


def test_production_injects_nothing_and_still_reads_back_and_reverts() -> None:
    with port(environment="production", service_tokens="a=00") as ops:
        assert refused(ops.post("/v1/faults", json=BURN))[0] == 403
        assert ops.get("/v1/faults").json() == {"faults": [], "residue": []}
        assert ops.delete("/v1/faults/burn").status_code == 204
        assert ops.delete("/v1/faults").json() == {"reverted": []}


def test_while_halted_nothing_is_injected_and_what_is_there_ends_by_the_file_alone(
    tmp_path: Path,
) -> None:
    switch = tmp_path / "halt"
    with port(halt_file=switch) as ops:
        assert ops.post("/v1/faults", json=READINESS | {"lease_seconds": 300}).status_code == 201
        switch.touch()
        eventually(lambda: held(ops), lambda left: not left, "the fault taken back")
        answer = ops.post("/v1/faults", json=BURN)
        assert refused(answer)[0] == 409
        assert "rearm" in answer.json()["detail"]
        switch.unlink()
        assert ops.post("/v1/faults", json=BURN).status_code == 201
        assert set(held(ops)) == {"burn"}
