"""Real servers, each started by hand from its component, in a home of its own."""

import shutil
from collections.abc import Iterator

import pytest

from deploy.elk import client as store_client
from deploy.home import Home
from deploy.local import acquire
from deploy.local.servers import logstore, shipper
from deploy.secrets import ensure_secrets
from tests.fixtures.running import PATIENCE
from tests.fixtures.stack import new_home
from tests.integration.deploy_servers.running import Running, start
from tests.integration.deploy_servers.shipped import Lines


@pytest.fixture(scope="session")
def programs() -> acquire.Programs:
    return acquire.programs(print)


@pytest.fixture
def home() -> Iterator[Home]:
    """A home of its own with free ports, that other users may pass through."""
    home = new_home("servers")
    for folder in (home.conf, home.data, home.logs, home.run):
        folder.mkdir()
    ensure_secrets(home.keys)
    yield home
    shutil.rmtree(home.root)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a store that runs answer late: what it is asked once is to be done."""
    monkeypatch.setattr(store_client, "TIMEOUT", PATIENCE)


@pytest.fixture
def lines(home: Home) -> Lines:
    return Lines(home)


@pytest.fixture
def store(home: Home) -> Iterator[Running]:
    started = start(logstore.component(home))
    started.wait_until_healthy()
    yield started
    started.end()


@pytest.fixture
def shipping(home: Home, store: Running) -> Iterator[list[Running]]:
    """The shipper; a test that kills it puts its successor into the list."""
    acquire.shipper(print)
    started = [start(shipper.component(home))]
    yield started
    started[-1].end()
