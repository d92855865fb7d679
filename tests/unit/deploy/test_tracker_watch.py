"""Whether the error tracker answers, as the node agent sees it."""

import socket

import aiohttp
import pytest

from backend.observability.catalogue import ERROR_TRACKER_UP, Process
from backend.observability.metrics import Instruments
from deploy.local.agent import tracker
from deploy.local.agent.tracker import TrackerWatch, address
from tests.fakes.tracker import FakeTracker
from tests.fixtures.running import PATIENCE


@pytest.mark.parametrize(
    ("dsn", "where"),
    [
        ("http://key@127.0.0.1:8000/1", "http://127.0.0.1:8000/"),
        ("https://key:secret@errors.example.org/prefix/42", "https://errors.example.org/prefix/"),
    ],
)
def test_the_address_is_the_dsn_s_without_key_and_project(dsn: str, where: str) -> None:
    assert address(dsn) == where


async def _look(dsn: str) -> str:
    """Look once, and return what is exposed of it."""
    instruments = Instruments(Process.AGENT, "1")
    watch = TrackerWatch(dsn, instruments.gauge(ERROR_TRACKER_UP))
    async with aiohttp.ClientSession(trust_env=False) as session:
        await watch.look(session)
    lines = instruments.exposition()[0].decode().splitlines()
    return next(line for line in lines if line.startswith("pharos_error_tracker_up"))


async def test_a_tracker_that_answers_is_up_although_it_asks_to_sign_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tracker, "ANSWER_SECONDS", PATIENCE)
    with FakeTracker().serving() as fake:
        assert await _look(fake.dsn) == "pharos_error_tracker_up 1.0"


async def test_a_tracker_that_is_not_there_is_not_up() -> None:
    assert await _look("http://key@127.0.0.1:1/1") == "pharos_error_tracker_up 0.0"


async def test_a_tracker_that_hangs_is_not_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracker, "ANSWER_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert await _look(f"http://key@127.0.0.1:{port}/1") == "pharos_error_tracker_up 0.0"
