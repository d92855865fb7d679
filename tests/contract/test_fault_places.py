"""What a drill counts on wherever it makes a fault: the fake, and a replica's own fault port."""

from collections.abc import Iterator

import pytest

from backend.entrypoints.faults import process_faults
from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.ops.readiness import Readiness
from backend.ops.server import OpsServer, create_ops_app
from backend.schemas.faults import Injection
from backend.settings import Settings
from chaos.places import INSIDE, FaultPlace
from deploy.faults import FaultClient, UnknownFaultError
from tests.fakes.places import FakePlace
from tests.fixtures.running import eventually

TOKEN = "the token of this test"


@pytest.fixture
def port() -> Iterator[FaultClient]:
    told = Settings(replica_id="worker", fault_token=TOKEN)
    instruments = Instruments(Process.WORKER, "1")
    readiness = Readiness(instruments)
    readiness.ready()
    faults = process_faults(told, instruments, readiness)
    app = create_ops_app(Process.WORKER, told, readiness, instruments, faults)
    server = OpsServer(app, "127.0.0.1", 0)
    server.start()
    with FaultClient(f"http://127.0.0.1:{server.port}", TOKEN) as client:
        yield client
    faults.close()
    server.stop()


@pytest.fixture(params=["fake", "port"])
def place(request: pytest.FixtureRequest) -> FaultPlace:
    chosen: FaultPlace = FakePlace() if request.param == "fake" else request.getfixturevalue("port")
    return chosen


def injection(lease_seconds: float = 30.0) -> Injection:
    asked = {"id": "run-1", "kind": "failing-readiness", "lease_seconds": lease_seconds}
    return INSIDE.validate_python(asked)


def test_a_fault_that_was_made_is_read_back_with_its_lease(place: FaultPlace) -> None:
    made = place.inject(injection())
    seen = place.read_back().faults
    assert [(each.id, each.kind) for each in seen] == [("run-1", "failing-readiness")]
    assert 0 < made.expires_in_seconds <= 30


def test_the_same_fault_is_made_once_however_often_it_is_asked_for(place: FaultPlace) -> None:
    place.inject(injection())
    place.inject(injection())
    assert len(place.read_back().faults) == 1


def test_a_renewal_lets_it_last_longer(place: FaultPlace) -> None:
    place.inject(injection(lease_seconds=30.0))
    assert place.renew("run-1", 200.0).expires_in_seconds > 100


def test_a_fault_that_is_not_there_is_not_renewed(place: FaultPlace) -> None:
    with pytest.raises(UnknownFaultError):
        place.renew("run-1", 30.0)


def test_a_fault_that_is_taken_back_is_gone_and_may_be_taken_back_again(place: FaultPlace) -> None:
    place.inject(injection())
    place.revert("run-1")
    place.revert("run-1")
    seen = place.read_back()
    assert (seen.faults, seen.residue) == ([], [])


def test_a_lease_that_nobody_renews_ends_by_itself(place: FaultPlace) -> None:
    place.inject(injection(lease_seconds=1.0))
    eventually(place.read_back, lambda seen: seen.faults == [], "the lease to end")
    with pytest.raises(UnknownFaultError):
        place.renew("run-1", 30.0)
