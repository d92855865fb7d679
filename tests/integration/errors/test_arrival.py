"""An unhandled exception of each process of ours arrives in the tracker, once, and as logged.

Nothing in the product breaks on request: rows and tables are changed below
running processes, and the console is given a port base that it cannot use.
"""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from console.control.settings import Settings as ControlSettings
from deploy.home import PROJECT
from tests.fixtures.control_service import Service
from tests.fixtures.running import PATIENCE, eventually
from tests.integration.backend_events.eventside import EventSide
from tests.integration.backend_events.processes import environment, running
from tests.integration.errors.realtracker import RealTracker

REQUEST = "request-of-the-test"


def _where(tracker: RealTracker, log_file: Path) -> dict[str, str]:
    return {
        "PHAROS_SENTRY_DSN": tracker.dsn,
        "PHAROS_ENVIRONMENT": "staging",
        "PHAROS_LOG_FILE": str(log_file),
    }


def _lines(log_file: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in log_file.read_bytes().splitlines()]


def _assert_arrived_once(tracker: RealTracker, node: str, log_file: Path) -> dict[str, Any]:
    """The event that the tracker has is the one whose id a single log line carries."""
    # A process that ends waits two seconds for the tracker's answer, and no longer.
    (event,) = eventually(lambda: tracker.reported_by(node), bool, f"an event of {node}")
    (line,) = [line for line in _lines(log_file) if "error.id" in line]
    assert line["error.id"] == event["event_id"]
    assert line["error.type"] == event["exception"]["values"][-1]["type"]
    assert (event["environment"], bool(event["release"])) == ("staging", True)
    return event


async def _serves(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


async def _until_serving(url: str) -> None:
    async with asyncio.timeout(60):
        while not await _serves(url):  # noqa: ASYNC110  it is another process
            await asyncio.sleep(0.05)


@pytest.mark.stack
async def test_of_the_api_and_nothing_that_is_expected(
    side: EventSide, tracker: RealTracker, tmp_path: Path
) -> None:
    log_file = tmp_path / "api.log"
    port, _ = tracker.home.ports.replica(1)
    cut_off = {"PHAROS_PORT": str(port), "PHAROS_REDIS_PORT": "1"}
    place = environment(side.settings, tmp_path) | _where(tracker, log_file) | cut_off
    url = f"http://127.0.0.1:{port}"
    client = httpx.AsyncClient(base_url=url, timeout=PATIENCE)
    async with running("api", place) as process, client:
        await _until_serving(f"{url}/v1/users")
        for path in ("/nowhere", "/v1/users?cursor=nonsense", f"/v1/users/{'0' * 8}"):
            assert (await client.get(path)).status_code < 500
        await side.connection.execute("ALTER TABLE users RENAME COLUMN name TO called")
        answer = await client.get("/v1/users", headers={"x-request-id": REQUEST})
        assert answer.status_code == 500
        await asyncio.to_thread(tracker.first_of, "api")
        await process.end(signal.SIGTERM)
    event = _assert_arrived_once(tracker, "api", log_file)
    assert event["transaction"] == "GET /v1/users"
    assert dict(event["tags"])["request_id"] == REQUEST


@pytest.mark.stack
async def test_of_the_relay(side: EventSide, tracker: RealTracker, tmp_path: Path) -> None:
    log_file = tmp_path / "relay.log"
    await side.append(await side.user())
    await side.connection.execute("UPDATE outbox SET headers = '[]'")
    place = environment(side.settings, tmp_path) | _where(tracker, log_file)
    async with running("relay", place) as process:
        assert await asyncio.wait_for(process.process.wait(), 60) == 1
    event = _assert_arrived_once(tracker, "relay", log_file)
    assert event["transaction"] == "the relay process"


@pytest.mark.stack
async def test_of_the_worker_although_the_event_is_tried_again(
    side: EventSide, tracker: RealTracker, tmp_path: Path
) -> None:
    log_file = tmp_path / "worker.log"
    await side.append(await side.user())
    await side.publish(*await side.messages())
    await side.connection.execute("ALTER TABLE activity ADD CHECK (false) NOT VALID")
    place = environment(side.settings, tmp_path) | _where(tracker, log_file)

    def tried_again() -> bool:
        return log_file.exists() and b"attempt 2" in log_file.read_bytes()

    async with running("worker", place) as process:
        await asyncio.to_thread(eventually, tried_again, bool, "a second attempt")
        await asyncio.to_thread(tracker.first_of, "worker")
        await process.end(signal.SIGTERM)
    event = _assert_arrived_once(tracker, "worker", log_file)
    assert event["transaction"] == "consume activity"


def test_of_the_control_service_and_no_word_of_the_agent_that_is_away(
    stopped: Service, tracker: RealTracker, tmp_path: Path
) -> None:
    log_file = tmp_path / "control.log"
    command = [sys.executable, "-m", "console.control"]
    place = {**os.environ, **_where(tracker, log_file)}
    process = subprocess.Popen(command, cwd=PROJECT, env=place)
    try:
        with stopped.operator as operator:
            eventually(lambda: _answers(operator), bool, "the control service")
            file = ControlSettings(stopped.home, {}).database
            with sqlite3.connect(file) as database:
                database.execute("ALTER TABLE audit RENAME TO elsewhere")
            answer = operator.get("/v1/audit", headers={"x-request-id": REQUEST})
        assert answer.status_code == 500
        tracker.first_of("control")
    finally:
        process.terminate()
        process.wait(30)
    event = _assert_arrived_once(tracker, "control", log_file)
    assert event["transaction"] == "GET /v1/audit"
    assert dict(event["tags"])["request_id"] == REQUEST


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False


# The console as Streamlit runs it, in a process of its own: it takes over the process's log.
PAGE = """
from streamlit.testing.v1 import AppTest

app = AppTest.from_file("console/app.py", default_timeout=60).run()
app.run()
print(*(element.proto.body for element in app.get("html")))
print("TRACEBACK" if app.exception else "")
"""


def test_of_the_console_whose_page_says_the_event_in_a_sentence(
    tracker: RealTracker, tmp_path: Path
) -> None:
    log_file = tmp_path / "console.log"
    place = {**os.environ, **_where(tracker, log_file), "PHAROS_PORT_BASE": "nowhere"}
    page = subprocess.run(
        [sys.executable, "-c", PAGE], cwd=PROJECT, env=place, capture_output=True, text=True,
        check=True, timeout=120,
    )  # fmt: skip
    event = _assert_arrived_once(tracker, "console", log_file)
    assert event["transaction"] == "the page Load"
    assert f"It is event {event['event_id']} in the error tracker" in page.stdout
    assert "TRACEBACK" not in page.stdout
