"""Faults between the product and its servers under a lease, made with a real fault proxy."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from backend.schemas.faults import State
from deploy.faultproxy import client as api
from deploy.faultproxy.client import ToxicState, ToxiproxyAwayError, ToxiproxyClient
from deploy.faults.kinds import AGENT_INJECTION, AgentInjection
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.agent.faults.keeper import Keeper
from deploy.local.agent.faults.refusals import (
    ForbiddenHereError,
    NoFaultProxyError,
    NotRunningError,
    OverlapError,
)
from deploy.local.agent.faults.wiring import build_keeper
from deploy.local.agent.targets import ScrapeTargets
from deploy.local.processes import identify
from deploy.local.servers import faultproxy
from deploy.local.specs import launch_folder, write_record
from deploy.local.wanted import Wanted, write_wanted
from tests.fixtures.running import PATIENCE, eventually
from tests.fixtures.stack import free_ports
from tests.fixtures.toxiproxy import own_proxy

MODES: dict[str, dict[str, Any]] = {
    "down": {},
    "latency": {"delay_seconds": 0.2, "jitter_seconds": 0.05},
    "reset": {},
    "hang": {},
    "bandwidth": {"kilobytes_per_second": 10},
}


@contextmanager
def _running(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """Run a stack's proxy as its supervisor would."""
    part = faultproxy.component(home)
    part.prepare()
    with own_proxy(*part.argv[3:], port=part.port) as proxy:
        assert proxy.process
        identity = identify(proxy.process.pid)
        assert identity
        write_record(home, faultproxy.NAME, identity)
        yield proxy.process


def _home(folder: Path, *extras: str) -> Home:
    made = Home(folder, free_ports())
    launch_folder(made).mkdir(parents=True)
    write_wanted(made, Wanted(extras=frozenset(extras)))
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = _home(tmp_path_factory.mktemp("stack"), "faults")
    with _running(made):
        yield made


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a proxy that runs answer late: no test here is about how soon it does."""
    monkeypatch.setattr(api, "TIMEOUT", PATIENCE)


@pytest.fixture
def proxy(home: Home) -> Iterator[ToxiproxyClient]:
    yield (client := _client(home))
    for each in client.proxies():
        for toxic in each.toxics:
            client.remove(each.name, toxic.name)


def _client(home: Home) -> ToxiproxyClient:
    return ToxiproxyClient(f"http://127.0.0.1:{home.ports[faultproxy.NAME]}")


def _keeper(home: Home, environment: str = "local") -> Keeper:
    board = Board(home)

    def report(error: Exception) -> None:
        # A proxy that is away for a moment is asked again; what comes of it is looked at.
        if isinstance(error, ToxiproxyAwayError):
            return
        raise AssertionError("an error that the keeper survived") from error

    return build_keeper(
        home, board, Endpoints(home, board), ScrapeTargets(home), environment, report
    )


@pytest.fixture
def keeper(home: Home) -> Iterator[Keeper]:
    made = _keeper(home)
    made.start()
    yield made
    made.stop()


def _fault(mode: str, fault_id: str = "f-1", **more: Any) -> AgentInjection:
    arguments = {"mode": mode} | MODES[mode]
    body = {"id": fault_id, "kind": "dependency", "target": "redis", "arguments": arguments}
    return AGENT_INJECTION.validate_python(body | more)


def _untouched(proxy: ToxiproxyClient) -> bool:
    return all(each.enabled and each.toxics == [] for each in proxy.proxies())


@pytest.mark.parametrize("mode", MODES)
def test_a_fault_is_there_under_its_leases_name_and_gone_when_reverted(
    keeper: Keeper, proxy: ToxiproxyClient, mode: str
) -> None:
    fault, fresh = keeper.inject(_fault(mode))
    assert (fresh, fault.state) == (True, State.ACTIVE)
    assert fault.detail == f"on the product's way to redis: {mode}"
    shown = proxy.proxy("redis")
    assert {toxic.name.split(":")[1] for toxic in shown.toxics} == {"f-1"}
    assert shown.enabled is (mode != "down")
    assert proxy.proxy("postgres").toxics == []
    assert keeper.read_back().residue == []
    keeper.revert("f-1")
    assert _untouched(proxy)
    assert keeper.read_back().faults == []


def test_it_ends_with_its_lease(keeper: Keeper, proxy: ToxiproxyClient) -> None:
    keeper.inject(_fault("down", lease_seconds=5.0))
    eventually(lambda: _untouched(proxy), bool, "nothing is on the way any more")


def test_what_the_proxy_is_told_is_what_was_asked_for(
    keeper: Keeper, proxy: ToxiproxyClient
) -> None:
    keeper.inject(_fault("latency"))
    (toxic,) = proxy.proxy("redis").toxics
    assert (toxic.type, toxic.stream) == ("latency", "downstream")
    assert toxic.attributes == {"latency": 200, "jitter": 50}


def test_two_servers_may_fail_at_once_and_one_only_once(
    keeper: Keeper, proxy: ToxiproxyClient
) -> None:
    keeper.inject(_fault("hang"))
    keeper.inject(_fault("down", "f-2", target="postgres"))
    with pytest.raises(OverlapError, match="f-1 holds the way to redis"):
        keeper.inject(_fault("latency", "f-3"))
    assert keeper.revert_all().reverted == ["f-1", "f-2"]
    assert _untouched(proxy)


def test_a_stack_without_the_proxy_is_told_how_to_get_it(tmp_path: Path) -> None:
    keeper = _keeper(_home(tmp_path))
    with pytest.raises(NoFaultProxyError, match=r"`\./pharos up --with faults`") as refused:
        keeper.inject(_fault("down"))
    assert refused.value.status == 409
    assert keeper.read_back().faults == []


def test_a_proxy_that_does_not_run_is_said_to_be_away(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match="the fault proxy does not run"):
        _keeper(_home(tmp_path, "faults")).inject(_fault("down"))


def test_nothing_is_made_in_production(home: Home, proxy: ToxiproxyClient) -> None:
    with pytest.raises(ForbiddenHereError):
        _keeper(home, "production").inject(_fault("down"))
    assert _untouched(proxy)


def test_a_proxy_that_was_started_again_gets_its_faults_anew(tmp_path: Path) -> None:
    home = _home(tmp_path, "faults")
    keeper = _keeper(home)
    keeper.start()
    with _running(home) as process:
        # However long the next proxy takes to start, their leases go on.
        keeper.inject(_fault("down", "f-1", lease_seconds=300.0))
        keeper.inject(_fault("hang", "f-2", target="postgres", lease_seconds=300.0))
        process.kill()
        process.wait()
        assert "not in effect" in keeper.read_back().faults[0].detail
    with _running(home):
        eventually(
            lambda: [fault.detail for fault in keeper.read_back().faults],
            lambda words: (
                words
                == [
                    "on the product's way to redis: down",
                    "on the product's way to postgres: hang",
                ]
            ),
            "both faults are in effect again",
        )
        assert keeper.revert_all().reverted == ["f-1", "f-2"]
        assert _untouched(_client(home))
    keeper.stop()


def test_a_fault_whose_proxy_has_died_can_be_reverted(tmp_path: Path) -> None:
    home = _home(tmp_path, "faults")
    keeper = _keeper(home)
    with _running(home) as process:
        keeper.inject(_fault("hang"))
        process.kill()
        process.wait()
        keeper.revert("f-1")
        assert keeper.read_back().faults == []


def test_the_next_agent_ends_what_the_last_one_began(home: Home, proxy: ToxiproxyClient) -> None:
    _keeper(home).inject(_fault("down", lease_seconds=5.0))
    after = _keeper(home)
    after.start()
    eventually(lambda: _untouched(proxy), bool, "nothing is on the way any more")
    after.stop()


def test_what_no_lease_holds_is_residue(keeper: Keeper, proxy: ToxiproxyClient) -> None:
    toxic = {"type": "timeout", "stream": "upstream", "attributes": {"timeout": 0}}
    proxy.add("redis", ToxicState(name="lease:gone:upstream", **toxic))
    proxy.add("postgres", ToxicState(name="by-hand", **toxic))
    expected = ["the fault proxy has a timeout on redis of the fault gone"]
    assert keeper.read_back().residue == expected


def test_an_unreadable_lease_ends_with_everything_that_nobody_holds(
    home: Home, proxy: ToxiproxyClient
) -> None:
    _keeper(home).inject(_fault("down"))
    (file,) = home.leases.iterdir()
    file.write_text("{")
    after = _keeper(home)
    after.start()
    assert _untouched(proxy)
    assert after.read_back().residue == []
    after.stop()


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"mode": "latency"}, "delay_seconds"),
        ({"mode": "latency", "delay_seconds": 31}, "delay_seconds"),
        ({"mode": "bandwidth", "kilobytes_per_second": 0}, "kilobytes_per_second"),
        ({"mode": "down", "more": 1}, "more"),
        ({"mode": "sideways"}, "arguments"),
        ({}, "arguments"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_by_their_name(
    arguments: dict[str, Any], field: str
) -> None:
    body = {"id": "f-1", "kind": "dependency", "target": "redis", "arguments": arguments}
    with pytest.raises(ValueError, match=field):
        AGENT_INJECTION.validate_python(body)
