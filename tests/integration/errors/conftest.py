"""A real error tracker, one for all: each process reports under a name of its own."""

import shutil
from collections.abc import Iterator

import pytest

from deploy.local import acquire
from deploy.local.servers import errors
from deploy.secrets import ensure_secrets
from tests.fixtures.control_service import stopped
from tests.fixtures.stack import new_home
from tests.integration.backend_events.conftest import side
from tests.integration.deploy_servers.running import running
from tests.integration.errors.realtracker import RealTracker

__all__ = ["side", "stopped"]


@pytest.fixture(scope="module")
def tracker() -> Iterator[RealTracker]:
    home = new_home("errors")
    for folder in (home.conf, home.data, home.logs, home.run):
        folder.mkdir()
    ensure_secrets(home.keys)
    acquire.tracker(print)
    with running(errors.component(home)):
        yield RealTracker(home, errors.ensure_project(home))
    shutil.rmtree(home.root)
