"""A small stack of stand-in processes, stopped after each test whatever happened."""

import shutil
from collections.abc import Iterator

import pytest
from rich.console import Console

from deploy.home import Home
from deploy.local.down import down
from deploy.local.progress import Steps
from tests.fixtures.stack import new_home


@pytest.fixture
def home() -> Iterator[Home]:
    fresh = new_home("parts")
    yield fresh
    down(fresh, print, wipe=True)
    shutil.rmtree(fresh.root)


@pytest.fixture
def steps() -> Steps:
    return Steps(Console(stderr=True))
