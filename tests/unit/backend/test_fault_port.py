"""The fault port over HTTP: four verbs, their refusals, and a lease that ends by itself."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import httpx
import pytest

from backend.entrypoints.faults import process_faults
from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.ops.faults import lease
from backend.ops.readiness import Readiness
from backend.ops.server import OpsServer, create_ops_app
from backend.schemas.replica_faults import ExhaustedPoolArguments
from backend.settings import Settings
from tests.fixtures.running import eventually

TOKEN = "the token of this test"
BURN = {"id": "burn", "kind": "cpu-burn", "arguments": {"percentage": 1}}
READINESS = {"id": "readiness", "kind": "failing-readiness"}


class Stubborn:
    """A fault that is gone only once somebody says so."""

    made: ClassVar[list["Stubborn"]] = []

    def __init__(self, arguments: ExhaustedPoolArguments) -> None:
        self.asked = arguments
        self.let_go = threading.Event()
        self.made.append(self)

    def start(self) -> None:
        """Nothing is done."""

    def stop(self) -> None:
        raise OSError("the undo fails")

    def gone(self) -> bool:
        return self.let_go.is_set()

    def detail(self) -> str:
        return "it will not go"


@contextmanager
def port(**settings: Any) -> Iterator[httpx.Client]:
    """Run an ops port and give a client that has its token."""
    told = Settings(**{"replica_id": "worker", "fault_token": TOKEN, **settings})
    instruments = Instruments(Process.WORKER, "1")
    readiness = Readiness(instruments)
    readiness.ready()
    faults = process_faults(told, instruments, readiness)
    faults.offer("exhausted-pool", Stubborn)
    server = OpsServer(
        create_ops_app(Process.WORKER, told, readiness, instruments, faults), "127.0.0.1", 0
    )
    server.start()
    headers = {"authorization": f"Bearer {TOKEN}"}
    base = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=30) as client:
        yield client
    faults.close()
    server.stop()


@pytest.fixture(scope="module")
def shared() -> Iterator[httpx.Client]:
    with port() as client:
        yield client


@pytest.fixture
def ops(shared: httpx.Client) -> Iterator[httpx.Client]:
    """Return the client of a port on which nothing is injected."""
    yield shared
    shared.delete("/v1/faults").raise_for_status()


@pytest.fixture
def stubborn(ops: httpx.Client) -> Iterator[Stubborn]:
    """Inject a fault that does not go, and let it go in the end."""
    Stubborn.made.clear()
    assert ops.post("/v1/faults", json={"id": "s", "kind": "exhausted-pool"}).status_code == 201
    yield Stubborn.made[0]
    # Before the port is tidied, which would wait for it.
    Stubborn.made[0].let_go.set()


def held(ops: httpx.Client) -> dict[str, dict[str, Any]]:
    return {fault["id"]: fault for fault in ops.get("/v1/faults").json()["faults"]}


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return action and fault of each line so far."""
    told = (vars(record) for record in caplog.records)
    return [(each["event.action"], each["pharos.fault"]) for each in told if "pharos.fault" in each]


def refused(answer: httpx.Response) -> tuple[int, list[str]]:
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["status"] == answer.status_code
    return answer.status_code, [error["field"] for error in document.get("errors", [])]


def test_what_is_injected_is_read_back_and_reverted(
    ops: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answer = ops.post("/v1/faults", json=READINESS | {"lease_seconds": 20})
    assert answer.status_code == 201
    assert ops.get("/readyz").status_code == 503
    (fault,) = ops.get("/v1/faults").json()["faults"]
    assert 0 < fault.pop("expires_in_seconds") <= 20
    assert fault.pop("injected_at") < fault.pop("expires_at")
    assert fault == {
        "id": "readiness",
        "kind": "failing-readiness",
        "target": None,
        "arguments": {},
        "lease_seconds": 20,
        "state": "active",
        "detail": "readiness fails",
    }
    assert ops.delete("/v1/faults/readiness").status_code == 204
    assert ops.get("/v1/faults").json() == {"faults": [], "residue": []}
    assert ops.get("/readyz").status_code == 200
    assert lines(caplog) == [("fault-injected", "readiness"), ("fault-reverted", "readiness")]


def test_a_lease_ends_by_itself_and_the_fault_cannot_be_renewed_then(
    ops: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ops.post("/v1/faults", json=READINESS | {"lease_seconds": 1})
    assert ops.get("/readyz").status_code == 503
    eventually(lambda: ops.get("/readyz").status_code, lambda status: status == 200, "ready again")
    # Nobody has asked the fault port meanwhile: the thread that keeps leases did it alone.
    wanted = [("fault-injected", "readiness"), ("fault-expired", "readiness")]
    eventually(lambda: lines(caplog), lambda told: told == wanted, "a line of the expiry")
    assert refused(ops.post("/v1/faults/readiness/renewal", json={"lease_seconds": 5}))[0] == 404
    assert ops.get("/v1/faults").json() == {"faults": [], "residue": []}


def test_a_renewal_counts_from_now(ops: httpx.Client) -> None:
    ops.post("/v1/faults", json=BURN | {"lease_seconds": 1})
    renewed = ops.post("/v1/faults/burn/renewal", json={"lease_seconds": 250})
    assert renewed.status_code == 200
    assert renewed.json()["expires_in_seconds"] > 240
    assert ops.post("/v1/faults/burn/renewal").json()["lease_seconds"] == 30


def test_a_repeat_renews_and_other_content_is_refused(ops: httpx.Client) -> None:
    first = ops.post("/v1/faults", json=BURN)
    repeat = ops.post("/v1/faults", json=BURN | {"lease_seconds": 200})
    other = ops.post("/v1/faults", json=BURN | {"arguments": {"percentage": 2}})
    assert (first.status_code, repeat.status_code) == (201, 200)
    assert repeat.json()["injected_at"] == first.json()["injected_at"]
    assert held(ops)["burn"]["lease_seconds"] == 200
    assert refused(other)[0] == 409
    assert held(ops)["burn"]["arguments"] == {"percentage": 1}


def test_a_second_fault_of_a_kind_overlaps_and_one_of_another_kind_does_not(
    ops: httpx.Client,
) -> None:
    ops.post("/v1/faults", json=BURN)
    second = ops.post("/v1/faults", json=BURN | {"id": "second"})
    assert refused(second)[0] == 409
    assert "burn" in second.json()["detail"]
    assert ops.post("/v1/faults", json=READINESS).status_code == 201
    assert held(ops).keys() == {"burn", "readiness"}


def test_to_revert_what_is_not_there_is_no_error(ops: httpx.Client) -> None:
    assert ops.delete("/v1/faults/never").status_code == 204
    assert ops.delete("/v1/faults").json() == {"reverted": []}


def test_everything_is_reverted_at_once(ops: httpx.Client) -> None:
    for fault in (BURN, READINESS):
        ops.post("/v1/faults", json=fault)
    assert sorted(ops.delete("/v1/faults").json()["reverted"]) == ["burn", "readiness"]
    assert held(ops) == {}


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


def test_its_own_name_is_a_target(ops: httpx.Client) -> None:
    assert ops.post("/v1/faults", json=BURN | {"target": "worker"}).status_code == 201


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


def test_an_undo_that_fails_keeps_no_other_fault_from_its_end(
    ops: httpx.Client, stubborn: Stubborn, caplog: pytest.LogCaptureFixture
) -> None:
    ops.post("/v1/faults/s/renewal", json={"lease_seconds": 1})
    ops.post("/v1/faults", json=READINESS | {"lease_seconds": 1.2})
    eventually(lambda: ops.get("/readyz").status_code, lambda status: status == 200, "ready again")
    assert "the undo fails" in caplog.text
    assert held(ops).keys() == {"s"}


def test_an_undo_that_fails_is_one_of_those_that_are_reverted_together(
    ops: httpx.Client, stubborn: Stubborn
) -> None:
    ops.post("/v1/faults", json=READINESS)
    assert ops.delete("/v1/faults").json()["reverted"] == ["s", "readiness"]
    assert held(ops).keys() == {"s"}


def test_the_gauge_counts_what_is_not_yet_undone(ops: httpx.Client) -> None:
    def gauge() -> list[str]:
        text = ops.get("/metrics").text.splitlines()
        return [line for line in text if line.startswith('pharos_faults_active{kind="cpu-burn"}')]

    assert gauge() == ['pharos_faults_active{kind="cpu-burn"} 0.0']
    ops.post("/v1/faults", json=BURN)
    assert gauge() == ['pharos_faults_active{kind="cpu-burn"} 1.0']
    ops.delete("/v1/faults/burn")
    assert gauge() == ['pharos_faults_active{kind="cpu-burn"} 0.0']


def test_what_cannot_be_undone_is_never_said_to_be_gone(
    ops: httpx.Client,
    stubborn: Stubborn,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert ops.delete("/v1/faults/s").status_code == 204
    assert held(ops)["s"]["state"] == "reverting"
    assert refused(ops.post("/v1/faults/s/renewal"))[0] == 404
    assert refused(ops.post("/v1/faults", json={"id": "s", "kind": "exhausted-pool"}))[0] == 409
    monkeypatch.setattr(lease, "STUCK_SECONDS", 0.0)
    assert held(ops)["s"]["state"] == "stuck"
    assert "it will not go" in ops.get("/v1/faults").json()["residue"][0]
    assert [each for each in lines(caplog) if each[0] == "fault-stuck"] == [("fault-stuck", "s")]
    stubborn.let_go.set()
    eventually(lambda: held(ops), lambda faults: faults == {}, "the stuck fault gone")


def test_threads_and_memory_are_given_back(ops: httpx.Client) -> None:
    def resident() -> int:
        with open("/proc/self/statm") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = resident()
    grow = {"id": "grow", "kind": "memory-growth", "arguments": {"mebibytes": 64}}
    ops.post("/v1/faults", json=grow)
    eventually(
        lambda: held(ops)["grow"]["detail"], lambda told: "64 of 64" in told, "the memory taken"
    )
    assert resident() - before > 60 * 2**20
    ops.delete("/v1/faults/grow")
    eventually(resident, lambda size: size - before < 30 * 2**20, "the memory given back")
    assert "fault memory-growth" not in [thread.name for thread in threading.enumerate()]
