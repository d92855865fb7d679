"""The fault port over HTTP: four verbs, and a lease that ends by itself."""

import logging
import os
import threading
from collections.abc import Iterator
from typing import ClassVar

import httpx
import pytest

from backend.ops.faults import lease
from backend.schemas.replica_faults import ExhaustedPoolArguments
from tests.fixtures.running import PATIENCE, eventually
from tests.unit.backend.faultport import BURN, READINESS, held, port, refused


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


@pytest.fixture(scope="module")
def shared() -> Iterator[httpx.Client]:
    with port({"exhausted-pool": Stubborn}) as client:
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


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return action and fault of each line so far."""
    told = (vars(record) for record in caplog.records)
    return [(each["event.action"], each["pharos.fault"]) for each in told if "pharos.fault" in each]


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
        "own_requests": 0,
    }
    assert ops.delete("/v1/faults/readiness").status_code == 204
    assert ops.get("/v1/faults").json() == {"faults": [], "residue": []}
    assert ops.get("/readyz").status_code == 200
    assert lines(caplog) == [("fault-injected", "readiness"), ("fault-reverted", "readiness")]


def test_a_lease_ends_by_itself_and_the_fault_cannot_be_renewed_then(
    ops: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ops.post("/v1/faults", json=READINESS | {"lease_seconds": 5})
    assert ops.get("/readyz").status_code == 503
    eventually(lambda: ops.get("/readyz").status_code, lambda status: status == 200, "ready again")
    # Nobody has asked the fault port meanwhile: the thread that keeps leases did it alone.
    wanted = [("fault-injected", "readiness"), ("fault-expired", "readiness")]
    eventually(lambda: lines(caplog), lambda told: told == wanted, "a line of the expiry")
    assert refused(ops.post("/v1/faults/readiness/renewal", json={"lease_seconds": 5}))[0] == 404
    assert ops.get("/v1/faults").json() == {"faults": [], "residue": []}


def test_a_renewal_counts_from_now(ops: httpx.Client) -> None:
    ops.post("/v1/faults", json=BURN | {"lease_seconds": 30})
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


def test_its_own_name_is_a_target(ops: httpx.Client) -> None:
    assert ops.post("/v1/faults", json=BURN | {"target": "worker"}).status_code == 201


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
    monkeypatch.setattr(lease, "STUCK_SECONDS", PATIENCE)
    assert ops.delete("/v1/faults/s").status_code == 204
    assert held(ops)["s"]["state"] == "reverting"
    assert refused(ops.post("/v1/faults/s/renewal"))[0] == 404
    assert refused(ops.post("/v1/faults", json={"id": "s", "kind": "exhausted-pool"}))[0] == 409
    monkeypatch.setattr(lease, "STUCK_SECONDS", 0.0)
    assert held(ops)["s"]["state"] == "stuck"
    assert "it will not go" in ops.get("/v1/faults").json()["residue"][0]
    assert [each for each in lines(caplog) if each[0] == "fault-stuck"] == [("fault-stuck", "s")]
    assert "pharos_faults_residue 1.0" in ops.get("/metrics").text.splitlines()
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
    # The answer does not wait for it for ever, and it gives all back before it ends.
    eventually(
        lambda: [thread.name for thread in threading.enumerate()],
        lambda names: "fault memory-growth" not in names,
        "the thread gone",
    )
