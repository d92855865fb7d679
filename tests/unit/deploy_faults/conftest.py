"""A home in which the node agent's parts may keep what they keep on disk."""

from pathlib import Path

import pytest

from deploy.home import Home
from deploy.ports import Ports


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path, Ports(9000))
    made.run.mkdir()
    return made
