"""The readiness switch and the ops port, whatever the main thread does."""

from collections.abc import Iterator

import httpx
import pytest

from backend.observability.catalogue import Process
from backend.observability.metrics import Instruments
from backend.ops.faults.registry import FaultRegistry
from backend.ops.readiness import Phase, Readiness
from backend.ops.server import OpsServer, create_ops_app
from backend.settings import Settings


@pytest.fixture
def instruments() -> Instruments:
    return Instruments(Process.WORKER, "1")


@pytest.fixture
def readiness(instruments: Instruments) -> Readiness:
    return Readiness(instruments)


@pytest.fixture
def ops(instruments: Instruments, readiness: Readiness) -> Iterator[str]:
    """Return the base URL of an ops port."""
    settings = Settings(replica_id="worker")
    faults = FaultRegistry(settings, instruments)
    app = create_ops_app(Process.WORKER, settings, readiness, instruments, faults)
    server = OpsServer(app, "127.0.0.1", 0)
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


def test_a_process_that_drains_never_becomes_ready_again(
    readiness: Readiness, instruments: Instruments
) -> None:
    readiness.ready()
    readiness.drain()
    readiness.ready()
    assert readiness.phase is Phase.DRAINING
    assert b"pharos_ready 0.0" in instruments.exposition()[0]


def test_what_is_withheld_wants_no_traffic_until_it_is_resumed(
    readiness: Readiness, instruments: Instruments
) -> None:
    readiness.withhold()
    starting = readiness.phase
    readiness.ready()
    assert (starting, readiness.phase) == (Phase.STARTING, Phase.WITHHELD)
    assert b"pharos_ready 0.0" in instruments.exposition()[0]
    readiness.resume()
    assert readiness.phase.value == "ready"
    assert b"pharos_ready 1.0" in instruments.exposition()[0]


def test_what_is_withheld_drains_as_anything_else(readiness: Readiness) -> None:
    readiness.ready()
    readiness.withhold()
    readiness.drain()
    readiness.resume()
    assert readiness.phase is Phase.DRAINING


def test_readyz_follows_the_switch_and_says_who_answers(ops: str, readiness: Readiness) -> None:
    starting = httpx.get(f"{ops}/readyz", trust_env=False)
    readiness.ready()
    ready = httpx.get(f"{ops}/readyz", trust_env=False)
    readiness.drain()
    answer = httpx.get(f"{ops}/readyz", trust_env=False)
    assert [each.status_code for each in (starting, ready, answer)] == [503, 200, 503]
    assert [each.json()["status"] for each in (starting, ready)] == ["starting", "ready"]
    assert answer.json() | {"pid": 0} == {
        "status": "draining",
        "id": "worker",
        "role": "worker",
        "pid": 0,
        "version": Settings().release,
    }


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("POST", "/livez", 405)])
def test_the_ops_port_refuses_with_problem_documents(
    ops: str, method: str, path: str, status: int
) -> None:
    answer = httpx.request(method, f"{ops}{path}", trust_env=False)
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_blocked_event_loop_does_not_silence_the_ops_port(ops: str) -> None:
    # The synchronous client blocks this loop; the answer comes from the other thread.
    for path in ("/livez", "/metrics"):
        assert httpx.get(f"{ops}{path}", trust_env=False).status_code == 200  # noqa: ASYNC210


def test_a_taken_port_is_said_at_once(ops: str, instruments: Instruments) -> None:
    other = Instruments(Process.WORKER, "2")
    faults = FaultRegistry(Settings(), other)
    app = create_ops_app(Process.WORKER, Settings(), Readiness(other), instruments, faults)
    with pytest.raises(OSError, match="in use"):
        OpsServer(app, "127.0.0.1", int(ops.rpartition(":")[2]))
