"""A sweep takes back what real fault ports hold, and says what it could not reach."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from backend.schemas.faults import Faults
from deploy.faults import FaultClient
from deploy.faults.sweep import Place, sweep
from tests.fixtures.running import PATIENCE
from tests.unit.backend.faultport import BURN, READINESS, TOKEN, held, port


def place(ops: httpx.Client, name: str = "worker") -> Place:
    return Place(name, FaultClient(str(ops.base_url), TOKEN, timeout=PATIENCE))


@contextmanager
def closed() -> Iterator[str]:
    # Bound and not listened on: while it is kept, nobody else is given it.
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{kept.getsockname()[1]}"


def test_every_fault_of_every_place_is_gone_and_named() -> None:
    with port() as first, port() as second:
        first.post("/v1/faults", json=BURN)
        first.post("/v1/faults", json=READINESS)
        second.post("/v1/faults", json=BURN)
        swept = sweep([place(first, "api-1"), place(second, "api-2")], patience=PATIENCE)
        assert (held(first), held(second)) == ({}, {})
    assert swept.reverted == [
        "cpu-burn at api-1",
        "cpu-burn at api-2",
        "failing-readiness at api-1",
    ]
    assert swept.left == []
    assert "nothing is left" in swept.words


def test_where_nothing_was_injected_nothing_was_done() -> None:
    with port() as ops:
        swept = sweep([place(ops)])
    assert (swept.reverted, swept.left) == ([], [])
    assert swept.words == "nothing was injected; nothing is left"


def test_a_process_that_has_ended_has_taken_its_faults_along() -> None:
    with closed() as url:
        assert sweep([Place("api-1", FaultClient(url, TOKEN))], patience=0).left == []


def test_what_outlives_its_process_may_still_be_there() -> None:
    with closed() as url:
        swept = sweep([Place("the node agent", FaultClient(url, TOKEN), outlives=True)], patience=0)
    assert swept.left == [f"the node agent: nobody listens at {url}"]


def test_a_process_without_a_fault_port_holds_nothing() -> None:
    with port(fault_token="") as ops:
        assert sweep([place(ops)]).left == []


def test_one_that_hangs_is_named_and_keeps_no_other_from_its_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf, port() as ops:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        ops.post("/v1/faults", json=BURN)
        hung = Place("api-1", FaultClient(url, TOKEN, timeout=0.1))
        swept = sweep([hung, place(ops)], patience=3)
    assert swept.reverted == ["cpu-burn at worker"]
    assert [words.startswith("api-1: ") for words in swept.left] == [True]


class StuckClient(FaultClient):
    """Its residue goes only after it was looked at so many times."""

    def __init__(self, looks: int) -> None:
        super().__init__("http://127.0.0.1:1", TOKEN)
        self.looks = looks

    def read_back(self) -> Faults:
        self.looks -= 1
        return Faults(faults=[], residue=["redis (pid 7) is stopped"] if self.looks > 0 else [])


def test_it_looks_until_nothing_is_left_and_no_longer_than_it_may() -> None:
    assert sweep([Place("the node agent", StuckClient(3))], PATIENCE).left == []
    swept = sweep([Place("the node agent", StuckClient(1_000_000))], patience=0.1)
    assert swept.left == ["redis (pid 7) is stopped"]
    assert "left: redis (pid 7) is stopped" in swept.words
