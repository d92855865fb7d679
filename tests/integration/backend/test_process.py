"""The replica as a process: its two ports, and its end."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from backend.settings import Settings
from tests.integration.backend.network import Link
from tests.integration.backend.processes import ReplicaProcess
from tests.integration.backend.replicas import until


@pytest_asyncio.fixture
async def link(database: Settings) -> AsyncIterator[Link]:
    async with Link(database.postgres_port).running() as running:
        yield running


@pytest_asyncio.fixture
async def replica(database: Settings, link: Link, tmp_path: Path) -> AsyncIterator[ReplicaProcess]:
    started = ReplicaProcess(database.model_copy(update={"postgres_port": link.port}), tmp_path)
    await started.reaches("ready")
    yield started
    started.stop()


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


async def test_it_stays_ready_without_postgres(replica: ReplicaProcess, link: Link) -> None:
    link.cut()
    answer = await replica.get(replica.traffic, "/v1/users")
    assert answer is not None
    assert answer.status_code == 503
    assert await replica.status() == "ready"


async def test_it_becomes_ready_though_postgres_is_away_from_the_beginning(
    database: Settings, tmp_path: Path
) -> None:
    started = ReplicaProcess(database.model_copy(update={"postgres_port": 1}), tmp_path)
    await started.reaches("ready")
    started.stop()


async def test_on_sigterm_readiness_fails_first_and_traffic_is_still_served(
    replica: ReplicaProcess,
) -> None:
    replica.process.send_signal(signal.SIGTERM)
    await replica.reaches("draining")
    answer = await replica.get(replica.traffic, "/v1/users")
    assert answer is not None
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"


async def test_on_sigterm_a_request_in_flight_is_finished(
    replica: ReplicaProcess, link: Link
) -> None:
    link.hush()
    request = asyncio.create_task(replica.get(replica.traffic, "/v1/users"))
    await asyncio.wait([request], timeout=0.2)
    replica.process.send_signal(signal.SIGTERM)
    await replica.reaches("draining")
    link.mend()
    answer = await request
    assert answer is not None
    assert answer.status_code == 200
    assert await asyncio.to_thread(replica.process.wait, 20) == 0


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
