"""Real servers, each started by hand from its component, in a home of its own."""

import shutil
from collections.abc import Iterator

import pytest

from deploy.home import Home
from deploy.local import acquire
from deploy.secrets import ensure_secrets
from tests.fixtures.stack import new_home


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
