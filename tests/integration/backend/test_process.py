"""The replica as a process: its two ports, and its end."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest_asyncio

from backend.settings import Settings
from tests.fixtures.running import PATIENCE
from tests.integration.backend.network import Link
from tests.integration.backend.processes import ReplicaProcess
from tests.integration.backend.replicas import until


@pytest_asyncio.fixture
async def link(database: Settings) -> AsyncIterator[Link]:
    async with Link(database.postgres_port).running() as running:
        yield running


@asynccontextmanager
async def _started(
    settings: Settings, folder: Path, **environment: str
) -> AsyncIterator[ReplicaProcess]:
    started = ReplicaProcess(settings, folder, **environment)
    try:
        await started.reaches("ready")
        yield started
    finally:
        started.stop()


@pytest_asyncio.fixture
async def replica(database: Settings, link: Link, tmp_path: Path) -> AsyncIterator[ReplicaProcess]:
    linked = database.model_copy(update={"postgres_port": link.port})
    async with _started(linked, tmp_path) as started:
        yield started


@pytest_asyncio.fixture
async def slow_to_end(
    database: Settings, link: Link, tmp_path: Path
) -> AsyncIterator[ReplicaProcess]:
    """A replica whose end, and whose requests, last long enough to be looked at."""
    linked = database.model_copy(update={"postgres_port": link.port})
    patience = {"PHAROS_DRAIN_SECONDS": "10", "PHAROS_DB_TIMEOUT": "20"}
    async with _started(linked, tmp_path, **patience) as started:
        yield started


async def test_the_ops_port_has_liveness_readiness_and_metrics(replica: ReplicaProcess) -> None:
    answers = [await replica.get(replica.ops, path) for path in ("/livez", "/readyz", "/metrics")]
    assert all(answer is not None and answer.status_code == 200 for answer in answers)
    metrics = answers[2].text if answers[2] is not None else ""
    assert 'pharos_build_info{version="0.1.0"} 1.0' in metrics
    assert "process_resident_memory_bytes" in metrics
    assert "_created" not in metrics


async def test_an_idle_replica_already_shows_what_the_objectives_count(
    replica: ReplicaProcess,
) -> None:
    answer = await replica.get(replica.ops, "/metrics")
    assert answer is not None
    assert 'pharos_events_accepted_total{result="new",type="other"} 0.0' in answer.text
    assert "pharos_http_request_duration_seconds_count{" in answer.text


async def test_the_traffic_port_serves_nothing_of_the_ops_port(replica: ReplicaProcess) -> None:
    answer = await replica.get(replica.traffic, "/metrics")
    assert answer is not None
    assert answer.status_code == 404


async def test_the_head_of_an_answer_comes_with_its_body(replica: ReplicaProcess) -> None:
    asked = b"GET /v1/users HTTP/1.1\r\nhost: x\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", replica.traffic)
    for _ in range(50):
        writer.write(asked)
        # One piece as it arrived: nobody asks whether there is more.
        _, _, body = (await reader.read(65536)).partition(b"\r\n\r\n")
        assert orjson.loads(body)["items"] == []
    writer.close()


async def test_it_stays_ready_without_postgres(replica: ReplicaProcess, link: Link) -> None:
    link.cut()
    answer = await replica.get(replica.traffic, "/v1/users")
    assert answer is not None
    assert answer.status_code == 503
    assert await replica.status() == "ready"


async def test_it_becomes_ready_though_postgres_is_away_from_the_beginning(
    database: Settings, tmp_path: Path
) -> None:
    nowhere = database.model_copy(update={"postgres_port": 1, "db_timeout": 1.0})
    async with _started(nowhere, tmp_path):
        pass


async def test_on_sigterm_readiness_fails_first_and_traffic_is_still_served(
    slow_to_end: ReplicaProcess,
) -> None:
    slow_to_end.process.send_signal(signal.SIGTERM)
    await slow_to_end.reaches("draining")
    answer = await slow_to_end.get(slow_to_end.traffic, "/v1/users")
    assert answer is not None
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"


async def test_on_sigterm_a_request_in_flight_is_finished(
    slow_to_end: ReplicaProcess, link: Link
) -> None:
    link.hush()
    request = asyncio.create_task(slow_to_end.get(slow_to_end.traffic, "/v1/users"))
    await asyncio.wait([request], timeout=0.2)
    slow_to_end.process.send_signal(signal.SIGTERM)
    await slow_to_end.reaches("draining")
    link.mend()
    answer = await request
    assert answer is not None
    assert answer.status_code == 200
    assert await asyncio.to_thread(slow_to_end.process.wait, PATIENCE) == 0


async def test_its_log_is_one_json_line_an_occurrence_with_the_request_id(
    replica: ReplicaProcess,
) -> None:
    answer = await replica.get(replica.traffic, "/v1/users")
    assert answer is not None

    async def answered() -> bool:
        return any(line.get("event.action") == "request" for line in replica.lines())

    await until(answered)
    (line,) = [line for line in replica.lines() if line.get("event.action") == "request"]
    assert line["http.request.id"] == answer.headers["x-request-id"]
    assert line["service.name"] == "api"
