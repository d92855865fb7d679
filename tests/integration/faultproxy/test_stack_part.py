"""The fault proxy as a part of the stack: its health, and what the doctor says of it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.home import Home
from deploy.local.doctor import Level, faults_on_the_way
from deploy.local.servers import faultproxy, probe
from deploy.local.wanted import Wanted, write_wanted
from tests.fixtures.running import PATIENCE
from tests.fixtures.stack import free_ports
from tests.fixtures.toxiproxy import own_proxy


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it answer late: one that is asked once and seems away has no fault to tell of."""
    monkeypatch.setattr(probe, "TIMEOUT", PATIENCE)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path, free_ports())
    write_wanted(made, Wanted(extras=frozenset({"faults"})))
    return made


@pytest.fixture
def api(home: Home) -> Iterator[httpx.Client]:
    """Run the proxy as the stack would, on the home's own ports."""
    part = faultproxy.component(home)
    part.prepare()
    with own_proxy(*part.argv[3:], port=part.port) as running:
        yield running.api


def test_it_is_healthy_whatever_fault_is_on_it(home: Home, api: httpx.Client) -> None:
    assert faultproxy.check(home).ok
    api.patch("/proxies/redis", json={"enabled": False}).raise_for_status()
    assert faultproxy.check(home).ok


def test_it_is_not_once_a_proxy_is_missing(home: Home, api: httpx.Client) -> None:
    api.delete("/proxies/redis").raise_for_status()
    health = faultproxy.check(home)
    assert (health.ok, health.detail) == (False, "it has no proxy for redis")


def test_the_doctor_names_each_fault_and_the_way_out(home: Home, api: httpx.Client) -> None:
    (well,) = faults_on_the_way(home)
    assert well.level is Level.OK
    api.patch("/proxies/redis", json={"enabled": False}).raise_for_status()
    api.post("/proxies/postgres/toxics", json={"type": "latency"}).raise_for_status()
    found = list(faults_on_the_way(home))
    assert [finding.text for finding in found] == [
        "redis is refused",
        "postgres has the latency toxic latency_downstream (downstream)",
    ]
    assert all(finding.level is Level.WARN and "/reset" in finding.remedy for finding in found)


def test_the_doctor_is_silent_about_a_proxy_that_no_stack_has(home: Home) -> None:
    write_wanted(home, Wanted())
    assert list(faults_on_the_way(home)) == []
