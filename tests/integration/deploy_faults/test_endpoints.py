"""Replicas that the gateway sends nothing, while they live: cut off for a lease, or quarantined."""

import json
from collections.abc import Iterator

import pytest

from deploy.driver import LastReplicaError, Note, UnknownTargetError
from deploy.envoy.endpoints import endpoints_file
from deploy.faults import FaultRefusedError, FaultUnfitError
from deploy.home import Home
from deploy.local import driver as local
from deploy.local.driver import LocalDriver
from deploy.local.launch import uptime
from deploy.prometheus.targets import targets_file
from tests.fixtures.running import PATIENCE, eventually
from tests.integration.deploy_faults.running_agent import HTTP, Agent, injection

NOTE = Note(by="ada", reason="a test")


def endpoints(home: Home) -> list[str]:
    """Return the replicas in the gateway's endpoint file."""
    text = endpoints_file(home).read_text()
    slots = (1, 2, 3)
    return [f"api-{slot}" for slot in slots if str(home.ports.replica(slot)[0]) in text]


def targets(home: Home) -> list[str]:
    """Return the replicas that Prometheus is told of."""
    groups = json.loads(targets_file(home, "api").read_text())
    return [group["labels"]["instance"] for group in groups]


def answers(home: Home, slot: int) -> bool:
    return HTTP.get(f"http://127.0.0.1:{home.ports.replica(slot)[0]}/v1/x").is_success


@pytest.fixture
def driver(home: Home, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalDriver]:
    monkeypatch.setattr(local, "TIMEOUT", PATIENCE)
    driver = LocalDriver(home)
    eventually(lambda: endpoints(home), lambda names: names == ["api-1", "api-2"], "two replicas")
    yield driver
    for name in ("api-1", "api-2"):
        driver.release(name)
    driver.close()


def test_a_replica_that_is_cut_off_lives_and_gets_nothing_until_the_lease_ends(
    home: Home, agent: Agent, driver: LocalDriver
) -> None:
    agent.client.inject(injection("cut-off", "api-1"))
    assert endpoints(home) == ["api-2"]
    assert answers(home, 1)
    agent.client.renew("test", 1)
    agent.until_clean()
    assert endpoints(home) == ["api-1", "api-2"]


def test_a_replica_that_is_not_scraped_serves_and_is_a_target_again_when_the_lease_ends(
    home: Home, agent: Agent, driver: LocalDriver
) -> None:
    agent.client.inject(injection("unscraped", "api-1"))
    assert targets(home) == ["api-2"]
    assert endpoints(home) == ["api-1", "api-2"]
    agent.client.renew("test", 1)
    agent.until_clean()
    assert targets(home) == ["api-1", "api-2"]


def test_the_last_replica_in_the_gateway_is_never_cut_off(
    home: Home, agent: Agent, driver: LocalDriver
) -> None:
    agent.client.inject(injection("cut-off", "api-1", name="first"))
    with pytest.raises(FaultRefusedError, match="scale api up by one first"):
        agent.client.inject(injection("cut-off", "api-2", name="second"))
    with pytest.raises(FaultRefusedError, match="scale api up by one first, or"):
        agent.client.inject(injection("pause", "api-2", name="second"))
    with pytest.raises(LastReplicaError, match="api-2 is the last"):
        driver.quarantine("api-2", NOTE)
    with pytest.raises(FaultUnfitError, match="api-1, api-2"):
        agent.client.inject(injection("cut-off", "relay"))
    assert endpoints(home) == ["api-2"]


def test_who_is_put_aside_stays_so_while_the_agent_is_started_again(
    home: Home, agent: Agent, driver: LocalDriver
) -> None:
    driver.scale("api", 3)
    everybody = ["api-1", "api-2", "api-3"]
    eventually(lambda: endpoints(home), lambda names: names == everybody, "three replicas")
    driver.quarantine("api-1", NOTE)
    agent.client.inject(injection("cut-off", "api-2"))
    assert endpoints(home) == ["api-3"]
    assert answers(home, 1)
    agent.kill()
    agent.start()
    assert [row.id for row in driver.status().replicas if row.aside] == ["api-1"]
    assert endpoints(home) == ["api-3"]
    agent.client.revert("test")
    driver.release("api-1")
    assert endpoints(home) == everybody
    assert agent.client.read_back().residue == []
    driver.scale("api", 2)


def test_a_drain_ends_in_time_though_the_agent_was_dead_meanwhile(
    home: Home, agent: Agent, driver: LocalDriver
) -> None:
    driver.drain("api-2", NOTE, 5)
    over = uptime() + 5
    assert endpoints(home) == ["api-1"]
    agent.kill()
    eventually(uptime, lambda now: now > over, "the drain over")
    agent.start()
    eventually(lambda: endpoints(home), lambda names: names == ["api-1", "api-2"], "let back")
    eventually(lambda: list(home.aside.iterdir()), lambda files: not files, "forgotten")


def test_who_cannot_be_read_stays_out_until_released(
    home: Home, agent: Agent, driver: LocalDriver
) -> None:
    home.aside.mkdir(exist_ok=True)
    (home.aside / "api-2").touch()
    eventually(lambda: endpoints(home), lambda names: names == ["api-1"], "out")
    shown = next(row.aside for row in driver.status().replicas if row.id == "api-2")
    assert shown is not None
    assert "cannot be read" in shown.reason
    driver.release("api-2")
    assert endpoints(home) == ["api-1", "api-2"]


def test_a_replica_that_is_scaled_away_is_forgotten(
    home: Home, agent: Agent, driver: LocalDriver
) -> None:
    driver.quarantine("api-2", NOTE)
    driver.scale("api", 1)
    eventually(lambda: list(home.aside.iterdir()), lambda files: not files, "forgotten")
    driver.scale("api", 2)
    eventually(lambda: endpoints(home), lambda names: names == ["api-1", "api-2"], "both again")


@pytest.mark.parametrize("name", ["api-9", "relay", "nobody"])
def test_only_api_replicas_can_be_quarantined(driver: LocalDriver, name: str) -> None:
    with pytest.raises(UnknownTargetError, match=name):
        driver.quarantine(name, NOTE)
    with pytest.raises(UnknownTargetError, match=name):
        driver.release(name)
