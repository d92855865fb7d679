"""The gateway's access log is rotated under load: each request has its line, once."""

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import pytest

from deploy.envoy.access_log import access_log_file
from deploy.home import Home
from deploy.local.acquire import Programs
from deploy.local.agent.rotation import KEPT, rotate
from deploy.local.processes import identify
from deploy.local.servers import gateway
from deploy.local.specs import write_record
from tests.fixtures.running import PATIENCE
from tests.integration.deploy_servers.running import Running, running, wait_for

Send = Callable[[str], None]


@pytest.fixture
def envoy(home: Home, programs: Programs) -> Iterator[Running]:
    with running(gateway.component(home, programs, replicas=1)) as started:
        _record(home, started)
        yield started


@pytest.fixture
def send(home: Home, envoy: Running) -> Iterator[Send]:
    """Send a request of that id, which the gateway answers itself."""
    base = f"http://127.0.0.1:{home.ports['gateway']}"
    with httpx.Client(base_url=base, timeout=PATIENCE) as client:

        def sent(name: str) -> None:
            answer = client.get("/no-route", headers={"x-request-id": name})
            assert answer.status_code == 404

        yield sent


def _record(home: Home, started: Running) -> None:
    identity = identify(started.process.pid)
    assert identity
    write_record(home, gateway.NAME, identity)


def _logged(home: Home) -> Counter[str]:
    files = home.logs.glob("gateway-access.log*")
    lines = [line for file in files for line in file.read_text().splitlines()]
    return Counter(json.loads(line)["http.request.id"] for line in lines)


def _is_logged(home: Home, name: str) -> None:
    log = access_log_file(home)
    wait_for(lambda: log.exists() and name in log.read_text(), f"{name} in the new access log")


def test_each_request_has_one_line_over_rotations(home: Home, send: Send) -> None:
    done, sent = Event(), list[str]()

    def keep_sending() -> None:
        while not done.is_set():
            name = f"request-{len(sent)}"
            send(name)
            sent.append(name)

    with ThreadPoolExecutor() as pool:
        sending = pool.submit(keep_sending)
        for _ in range(KEPT):
            # The new file gets lines, then it is full in its turn.
            wait_for(lambda: rotate(home, max_bytes=10_000), "a full access log")
            wait_for(lambda: access_log_file(home).stat().st_size, "lines in the new access log")
        done.set()
        sending.result(PATIENCE)
    wait_for(lambda: _logged(home).total() >= len(sent), "a line for each request")
    assert _logged(home) == Counter(sent)


def test_a_gateway_that_stands_still_meanwhile_is_asked_again(
    home: Home, envoy: Running, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    send("before")
    _is_logged(home, "before")
    envoy.process.send_signal(signal.SIGSTOP)
    assert rotate(home, max_bytes=10) == [access_log_file(home)]
    assert "does not open its access log anew yet" in caplog.text
    envoy.process.send_signal(signal.SIGCONT)
    assert rotate(home, max_bytes=10) == []
    send("after")
    _is_logged(home, "after")
    assert _logged(home) == Counter(["before", "after"])


def test_a_gateway_that_is_away_finds_the_new_file_when_it_starts(
    home: Home, programs: Programs, envoy: Running, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    send("before")
    _is_logged(home, "before")
    envoy.end()
    rotate(home, max_bytes=10)
    assert not caplog.records
    with running(gateway.component(home, programs, replicas=1)):
        send("after")
        _is_logged(home, "after")
    assert _logged(home) == Counter(["before", "after"])
