"""Real servers, each started by hand from its component, in a home of its own."""

import random
import socket
from pathlib import Path

import pytest

from deploy.home import Home
from deploy.local import acquire
from deploy.ports import OFFSETS, SPAN, Ports
from deploy.secrets import ensure_secrets


@pytest.fixture(scope="session")
def programs() -> acquire.Programs:
    return acquire.programs(print)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of its own with free ports, that other users may pass through."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o711)
    home = Home(tmp_path, Ports(_free_base()))
    for folder in (home.conf, home.data, home.logs, home.run):
        folder.mkdir()
    ensure_secrets(home.keys)
    return home


def _free_base() -> int:
    for base in random.sample(range(20000, 32000, SPAN), 100):
        ports = [base + offset for offset in OFFSETS.values()]
        ports += range(base + 40, base + SPAN)
        if all(_is_free(port) for port in ports):
            return base
    pytest.fail("no range of free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
