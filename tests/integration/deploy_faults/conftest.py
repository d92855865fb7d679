"""A small stack of stand-in processes with a node agent that can be killed."""

import shutil
from collections.abc import Iterator

import pytest
from rich.console import Console

from deploy.faults import FaultClient
from deploy.home import Home
from deploy.local.down import down
from deploy.local.progress import Steps
from deploy.local.up import up
from deploy.secrets import read_secret
from tests.fakes.parts import small_parts
from tests.fixtures.running import PATIENCE
from tests.fixtures.stack import new_home
from tests.integration.deploy_faults.running_agent import Agent


@pytest.fixture(scope="session")
def home() -> Iterator[Home]:
    """One small stack for all: what a test injects is gone before the next one begins."""
    home = new_home("faults")
    with Steps(Console(stderr=True)) as steps:
        up(home, steps, parts=small_parts())
    yield home
    down(home, print, wipe=True)
    shutil.rmtree(home.root)


@pytest.fixture(scope="session")
def only_agent(home: Home) -> Iterator[Agent]:
    token = read_secret(home.keys, "agent_token")
    with FaultClient(f"http://127.0.0.1:{home.ports['agent']}", token, PATIENCE) as client:
        agent = Agent(home, client)
        agent.start()
        yield agent
        agent.end()


@pytest.fixture
def agent(only_agent: Agent) -> Agent:
    """The stack's agent: alive before each test, and nothing is injected."""
    if only_agent.process.poll() is not None:
        only_agent.start()
    only_agent.client.revert_all()
    only_agent.until_clean()
    return only_agent
