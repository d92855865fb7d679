"""What a backstop ends while no agent lives, when it leaves that to the agent, and when it goes."""

import os
import signal
import time

import pytest

from deploy.envoy.endpoints import endpoints_file, read_endpoints, write_endpoints
from deploy.envoy.runtime import latency, runtime_file, write_runtime
from deploy.faults.kinds import AGENT_INJECTION, KINDS
from deploy.home import Home
from deploy.local.agent.backstop import ending, standing
from deploy.local.agent.backstop.ending import GRACE_SECONDS, Backstop
from deploy.local.agent.backstop.standing import stands, want, wanted
from deploy.local.agent.faults.leases import Lease, LeaseStore
from deploy.local.launch import uptime
from deploy.local.processes import Identity, stopped
from deploy.prometheus.targets import read_targets, targets_file, write_targets
from tests.fixtures.running import eventually
from tests.unit.deploy_faults.test_early import paused

__all__ = ["paused"]


def keep(
    home: Home, kind: str, target: str, ago: float = GRACE_SECONDS + 0.1, **arguments: object
) -> Lease:
    """Leave a lease on the disk that has ended so many seconds ago."""
    content = {"id": kind, "kind": kind, "target": target, "arguments": arguments}
    lease = Lease.armed(AGENT_INJECTION.validate_python(content)).done()
    lease = lease.model_copy(update={"deadline": uptime() - ago})
    LeaseStore(home).save(lease)
    return lease


def hold(home: Home, lease: Lease, who: Identity) -> None:
    LeaseStore(home).save(lease.holding([who]))


def test_it_can_end_every_kind(home: Home) -> None:
    assert set(Backstop(home)._wire()) == set(KINDS)


def test_a_pause_that_nobody_ended_is_ended_and_its_lease_left_to_the_agent(
    home: Home, paused: Identity
) -> None:
    hold(home, keep(home, "pause", "redis"), paused)
    Backstop(home).step()
    assert not stopped(paused)
    assert [path.name for path in home.leases.iterdir()] == ["pause.json"]


@pytest.mark.parametrize("ago", [-30.0, 0.0])
def test_what_lasts_or_is_the_agent_s_to_end_is_let_be(
    home: Home, paused: Identity, ago: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = keep(home, "pause", "redis")
    hold(home, lease, paused)
    monkeypatch.setattr(ending, "uptime", lambda: lease.deadline + ago)
    Backstop(home).step()
    assert stopped(paused)


def test_a_halt_ends_what_would_last(home: Home, paused: Identity) -> None:
    hold(home, keep(home, "pause", "redis", ago=-30), paused)
    home.halt_file.touch()
    Backstop(home).step()
    assert not stopped(paused)


def test_what_it_ended_once_is_not_its_own_any_more(home: Home, paused: Identity) -> None:
    hold(home, keep(home, "pause", "redis"), paused)
    backstop = Backstop(home)
    backstop.step()
    os.kill(paused.pid, signal.SIGSTOP)
    eventually(lambda: stopped(paused), bool, "stopped again")
    backstop.step()
    assert stopped(paused)


def test_the_gateway_keeps_the_values_of_the_leases_that_last(home: Home) -> None:
    ended, lasting = latency(0.5, 100), {"pharos.fault.abort.status": 503}
    write_runtime(runtime_file(home), {**ended, **lasting})
    keep(home, "latency", "gateway", delay_seconds=0.5)
    keep(home, "abort", "gateway", ago=-30)
    Backstop(home).step()
    text = runtime_file(home).read_text()
    assert "abort.status" in text
    assert "latency" not in text


def test_a_replica_that_was_cut_off_is_added_to_those_that_the_gateway_has(home: Home) -> None:
    path, (first, _), (second, _) = endpoints_file(home), *map(home.ports.replica, (1, 2))
    write_endpoints(path, [("127.0.0.1", second)])
    keep(home, "cut-off", "api-1")
    Backstop(home).step()
    assert read_endpoints(path) == [("127.0.0.1", first), ("127.0.0.1", second)]


def test_a_replica_that_was_kept_from_prometheus_is_added_to_its_targets(home: Home) -> None:
    path = targets_file(home, "api")
    write_targets(path, {"api-2": "127.0.0.1:9043"})
    keep(home, "unscraped", "api-1")
    Backstop(home).step()
    assert read_targets(path) == {"api-1": "127.0.0.1:9041", "api-2": "127.0.0.1:9043"}


def test_one_lease_that_cannot_be_ended_keeps_no_other_from_its_end(
    home: Home, paused: Identity
) -> None:
    endpoints_file(home).parent.mkdir()
    endpoints_file(home).write_text("no endpoints")
    keep(home, "cut-off", "api-1")
    hold(home, keep(home, "pause", "redis"), paused)
    Backstop(home).step()
    assert not stopped(paused)


def test_only_one_stands(home: Home) -> None:
    assert not stands(home)
    with standing.standing(home) as first:
        assert first
        assert stands(home)
    assert not stands(home)


def test_it_goes_once_none_was_wanted_for_long_and_no_lease_is_left(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "IDLE_SECONDS", 0.2)
    want(home)
    assert wanted(home)
    started = time.monotonic()
    Backstop(home).run()
    assert time.monotonic() - started >= 0.2
    assert not wanted(home)
