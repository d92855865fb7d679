"""The suite's shared fixtures: one real stack, one browser, a database a test."""

import signal
from collections.abc import Iterator
from functools import cache

import httpx
import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from hypothesis import HealthCheck, settings

# Seconds for an answer of which a test claims no speed; httpx's own five are over soon where
# a machine that others use too lets a server stand still.
ANSWER_SECONDS = 30.0

pytest_plugins = [
    "tests.fixtures.stack",
    "tests.fixtures.database",
    "tests.fixtures.browser",
    "tests.fixtures.toxiproxy",
]

# How long an example takes, or takes to be made, tells of the machine alone, which others use too.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_configure() -> None:
    """Let the commands that tests start hear Ctrl-C and a hang-up, whoever runs the suite.

    What a shell's `&` or `nohup` ignores is inherited by every child; a handler is not.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(scope="session", autouse=True)
def _certificates_read_once() -> Iterator[None]:
    """Let httpx's clients share the authorities: reading them costs each one some 30 ms of CPU."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(httpx.create_ssl_context)
        patch.setattr("httpx._transports.default.create_ssl_context", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _answers_waited_for() -> Iterator[None]:
    """Let a request that names no timeout wait as long as any answer here may take."""
    with pytest.MonkeyPatch.context() as patch:
        for phase in ("connect", "read", "write", "pool"):
            patch.setattr(DEFAULT_TIMEOUT_CONFIG, phase, ANSWER_SECONDS)
        yield


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark whatever asks for the shared stack, so that a run can take it or leave it."""
    if "stack" in getattr(item, "fixturenames", ()):
        item.add_marker("stack")
