"""An inventory reads real fault ports back, takes nothing back, and says who did not answer."""

import httpx

from deploy.faults import FaultClient
from deploy.faults.inventory import take_inventory
from deploy.faults.sweep import Place
from tests.fixtures.running import PATIENCE
from tests.unit.backend.faultport import BURN, READINESS, TOKEN, held, port
from tests.unit.deploy_faults.test_sweep import closed


def place(ops: httpx.Client, name: str) -> Place:
    return Place(name, FaultClient(str(ops.base_url), TOKEN, timeout=PATIENCE))


def test_every_lease_is_named_with_its_place_the_first_to_end_first_and_stays() -> None:
    with port() as first, port() as second:
        first.post("/v1/faults", json={**BURN, "lease_seconds": 60})
        second.post("/v1/faults", json={**READINESS, "lease_seconds": 20})
        found = take_inventory([place(first, "api-1"), place(second, "api-2")])
        assert (len(held(first)), len(held(second))) == (1, 1)
    assert [(fault.place, fault.kind) for fault in found.faults] == [
        ("api-2", "failing-readiness"),
        ("api-1", "cpu-burn"),
    ]
    assert 0 < found.faults[0].expires_in_seconds <= 20
    assert (found.residue, found.unknown) == ([], [])


def test_a_process_that_has_ended_holds_nothing_but_an_agent_that_is_away_is_unknown() -> None:
    with closed() as url:
        client = FaultClient(url, TOKEN)
        found = take_inventory([Place("api-1", client), Place("the node agent", client, True)])
    assert (found.faults, found.unknown) == ([], [f"the node agent: nobody listens at {url}"])


def test_a_process_without_a_fault_port_holds_nothing() -> None:
    with port(fault_token="") as ops:
        assert take_inventory([place(ops, "worker")]).unknown == []
