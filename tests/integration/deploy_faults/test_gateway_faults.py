"""Faults in the real gateway, in front of one tiny replica: made, measured, taken back."""

import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from deploy.envoy.runtime import abort, runtime_file, write_runtime
from deploy.envoy.tls import pair_file, write_pair
from deploy.home import PROJECT, Home
from deploy.local import acquire
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.agent.faults import certificate
from deploy.local.agent.faults import keeper as verbs
from deploy.local.agent.faults.certificate import EndingCertificate
from deploy.local.agent.faults.keeper import Keeper
from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.agent.faults.refusals import NotRunningError, OverlapError
from deploy.local.agent.faults.wiring import build_keeper
from deploy.local.agent.targets import ScrapeTargets
from deploy.local.processes import identify
from deploy.local.servers import gateway, probe
from deploy.local.servers.certificate import write_pair_of
from deploy.local.specs import remove_spec, write_record
from deploy.secrets import ensure_secrets
from tests.fixtures.running import PATIENCE, eventually
from tests.fixtures.stack import new_home
from tests.integration.deploy_faults.running_agent import HTTP, identity_of, injection
from tests.integration.deploy_servers.running import running

# The gateway's timers count from its event loop's last look at the clock, a moment ago: s.
TIMER = 0.01
REPLICA = PROJECT / "tests" / "integration" / "deploy_servers" / "backend.py"


@contextmanager
def patient() -> Iterator[None]:
    """Let the gateway follow, and answer, late: no test here is about how soon it does."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (probe, certificate):
            patch.setattr(module, "TIMEOUT", PATIENCE)
        for name in ("EFFECT_SECONDS", "REVERT_SECONDS"):
            patch.setattr(verbs, name, PATIENCE)
        yield


@pytest.fixture(scope="module")
def served() -> Iterator[Home]:
    """A gateway with one replica behind it, known as the stack's."""
    home = new_home("gateway")
    for folder in (home.conf, home.data, home.logs, home.run):
        folder.mkdir()
    ensure_secrets(home.keys)
    port = str(home.ports.replica(1)[0])
    replica = subprocess.Popen((sys.executable, "-I", REPLICA, port, "api-1"))
    with running(gateway.component(home, acquire.programs(print), replicas=1)) as started:
        found = identify(started.process.pid)
        assert found
        write_record(home, gateway.NAME, found)
        eventually(lambda: status(home), lambda code: code == 200, "the gateway serving")
        with patient():
            yield home
    replica.kill()
    replica.wait()
    shutil.rmtree(home.root)


def keeper_of(home: Home) -> Keeper:
    def fail(error: Exception) -> None:
        # A gateway that does not answer for a moment is asked again; what comes of it is looked at.
        if not isinstance(error, OSError):
            raise error

    board = Board(home)
    return build_keeper(home, board, Endpoints(home, board), ScrapeTargets(home), "local", fail)


@pytest.fixture
def keeper(served: Home) -> Iterator[Keeper]:
    keeper = keeper_of(served)
    keeper.start()
    yield keeper
    keeper.stop()


def status(home: Home) -> int:
    return HTTP.get(f"http://127.0.0.1:{home.ports['gateway']}/v1/x").status_code


def test_requests_wait_at_the_gateway_until_the_lease_ends(served: Home, keeper: Keeper) -> None:
    fault, _ = keeper.inject(injection("latency", "gateway", delay_seconds=0.4))
    assert fault.detail == "the gateway follows it"
    before = time.monotonic()
    assert status(served) == 200
    assert time.monotonic() - before >= 0.4 - TIMER
    keeper.renew("test", 1)
    eventually(keeper.read_back, lambda now: not now.faults, "the lease's end")
    assert keeper.read_back().residue == []


def test_a_share_of_the_requests_is_answered_by_the_gateway(served: Home, keeper: Keeper) -> None:
    keeper.inject(injection("abort", "gateway", status=418, percentage=50))
    codes = [status(served) for _ in range(60)]
    assert set(codes) == {200, 418}
    keeper.revert("test")
    assert {status(served) for _ in range(20)} == {200}
    now = keeper.read_back()
    assert (now.faults, now.residue) == ([], [])


def test_latency_and_aborts_go_together_and_end_each_by_itself(
    served: Home, keeper: Keeper
) -> None:
    keeper.inject(injection("latency", "gateway", name="slow", delay_seconds=0.4))
    keeper.inject(injection("abort", "gateway", name="failing", status=500))
    with pytest.raises(OverlapError, match="slow holds the gateway's latency"):
        keeper.inject(injection("latency", "gateway", name="slower", delay_seconds=2))
    keeper.revert("slow")
    assert status(served) == 500
    assert [fault.id for fault in keeper.read_back().faults] == ["failing"]


def test_an_agent_keeps_and_ends_what_one_before_it_made(served: Home) -> None:
    LeaseStore(served).save(Lease.armed(injection("abort", "gateway", status=500)).done())
    keeper = keeper_of(served)
    keeper.start()
    eventually(lambda: status(served), lambda code: code == 500, "the fault kept")
    keeper.stop()
    assert status(served) == 200


def test_what_the_gateway_follows_without_a_lease_is_residue(served: Home, keeper: Keeper) -> None:
    write_runtime(runtime_file(served), abort(500, 100))
    words = "the gateway follows pharos.fault.abort.share=1000000, pharos.fault.abort.status=500"
    eventually(keeper.read_back, lambda now: now.residue == [words], "residue")
    write_runtime(runtime_file(served), {})
    eventually(keeper.read_back, lambda now: now.residue == [], "no residue")


def days_left(home: Home) -> int:
    pem = ssl.get_server_certificate(("127.0.0.1", home.ports["gateway-tls"]), timeout=PATIENCE)
    ends = x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
    return (ends - datetime.now(UTC)).days


def test_a_certificate_that_ends_soon_is_served_in_place_of_the_owner_s_until_the_lease_ends(
    served: Home, keeper: Keeper
) -> None:
    owners = served.conf / "owner.crt", served.keys / "owner.key"
    write_pair_of(served, *owners, timedelta(days=100, hours=1))
    write_pair(pair_file(served), *owners)
    eventually(lambda: days_left(served), lambda days: days == 100, "the owner's certificate")
    fault, _ = keeper.inject(injection("certificate", "gateway", days=3))
    assert fault.detail == "the gateway serves a certificate of 3 days"
    assert days_left(served) == 2
    keeper.renew("test", 1)
    eventually(keeper.read_back, lambda now: not now.faults, "the lease's end")
    assert keeper.read_back().residue == []
    assert days_left(served) == 100


def test_a_certificate_that_no_lease_holds_is_residue_and_taken_back(
    served: Home, keeper: Keeper
) -> None:
    ending = EndingCertificate(served)
    lease = Lease.armed(injection("certificate", "gateway"))
    ending.make(lease, lambda _: None)
    assert keeper.read_back().residue == ["the gateway is to serve a certificate that ends soon"]
    ending.sweep([])
    assert keeper.read_back().residue == []
    eventually(lambda: days_left(served), lambda days: days > 30, "the gateway's own certificate")


def test_a_gateway_that_does_not_run_is_refused(served: Home, keeper: Keeper) -> None:
    found = identity_of(served, gateway.NAME)
    remove_spec(served, gateway.NAME)
    with pytest.raises(NotRunningError, match="pharos status"):
        keeper.inject(injection("abort", "gateway"))
    write_record(served, gateway.NAME, found)
    assert keeper.read_back().faults == []
