"""A replica is asked to end, and killed when it does not."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deploy.local.agent import restarts
from deploy.local.agent.restarts import restart
from deploy.local.processes import Identity, identify

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"
POLITE = "import time; print(1, flush=True)"


@pytest.fixture(params=[DEAF, POLITE])
def process(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """Return a process that is past its start."""
    code = f"{request.param}; time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def _identity(process: subprocess.Popen[bytes]) -> Identity:
    identity = identify(process.pid)
    assert identity is not None
    return identity


@pytest.mark.parametrize("process", [POLITE], indirect=True)
def test_who_ends_when_asked_is_not_killed(process: subprocess.Popen[bytes]) -> None:
    identity = _identity(process)
    said: list[str] = []
    assert restart(identity, "api-1", said.append)
    assert process.wait() == -signal.SIGTERM
    assert said == []
    assert not restart(identity, "api-1", said.append)


@pytest.mark.parametrize("process", [DEAF], indirect=True)
def test_who_does_not_end_in_its_stop_time_is_killed_and_that_is_said(
    process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restarts, "REPLICA_STOP_SECONDS", 0.2)
    said: list[str] = []
    assert restart(_identity(process), "api-1", said.append)
    assert process.wait() == -signal.SIGKILL
    assert said == [f"api-1 (pid {process.pid}) did not end by itself: killed"]
