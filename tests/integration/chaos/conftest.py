"""The command line with its control service, alive or dead."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.cli import halting
from deploy.home import Home
from tests.fixtures.running import PATIENCE
from tests.fixtures.stack import free_ports
from tests.integration.chaos.commanding import CommandLine, serving


@pytest.fixture
def dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A command line whose control service does not run."""
    # One that runs may answer late: where it is given up on, the file halts in its place.
    monkeypatch.setattr(halting, "HALT_TIMEOUT", PATIENCE)
    return CommandLine(Home(tmp_path, free_ports()))


@pytest.fixture
def pharos(dead: CommandLine) -> Iterator[CommandLine]:
    with serving(dead.service, dead.home.ports["control"]):
        yield dead
