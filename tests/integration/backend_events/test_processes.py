"""The relay and the worker as processes: readiness, a graceful end, and being killed."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.integration.backend_events.eventside import EventSide, eventually
from tests.integration.backend_events.processes import Running, environment, running

pytestmark = pytest.mark.stack


async def _is_ready(process: Running) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            answer = await client.get(f"http://127.0.0.1:{process.ops_port}/readyz")
        except httpx.TransportError:
            return False
    return bool(answer.json()["status"] == "ready")


@pytest.mark.parametrize("module", ["relay", "worker"])
async def test_it_is_ready_without_its_servers_and_ends_gracefully(
    side: EventSide, tmp_path: Path, module: str
) -> None:
    nowhere = {"PHAROS_POSTGRES_PORT": "1", "PHAROS_RABBITMQ_PORT": "1"}
    async with running(module, environment(side.settings, tmp_path) | nowhere) as process:
        await eventually(lambda: _is_ready(process), True)
        assert await process.end(signal.SIGTERM) == 0


async def test_a_killed_relay_loses_nothing(side: EventSide, tmp_path: Path) -> None:
    users = [await side.user() for _ in range(10)]
    for user in users:
        await side.append(user, 120)
    env = environment(side.settings, tmp_path)

    async def has_published() -> bool:
        return (await side.depths())["pharos.activity"] > 0

    async with running("relay", env) as first:
        await eventually(has_published, True)
        await first.end(signal.SIGKILL)
    async with side.relay(), side.worker():
        await eventually(lambda: side.value("SELECT count(*) FROM inbox"), 1200)
    assert [await side.applied(user) for user in users] == [list(range(1, 121))] * 10


async def test_a_killed_worker_loses_and_doubles_nothing(side: EventSide, tmp_path: Path) -> None:
    users = [await side.user() for _ in range(5)]
    for user in users:
        await side.append(user, 100)
    await side.publish(*await side.messages())
    env = environment(side.settings, tmp_path)

    async def has_begun() -> bool:
        return bool(await side.value("SELECT count(*) > 20 FROM activity"))

    # One stream stands still, so that the worker is in the middle however soon it is killed.
    await side.connection.execute("BEGIN")
    await side.connection.execute(
        "INSERT INTO activity_summaries (user_id, applied_sequence, events, updated_at) "
        "VALUES ($1, 0, 0, now())",
        users[-1],
    )
    async with running("worker", env | {"PHAROS_DB_POOL_SIZE": "2"}) as first:
        await eventually(has_begun, True)
        await first.end(signal.SIGKILL)
    assert await side.value("SELECT count(*) FROM activity") < 500
    await side.connection.execute("ROLLBACK")
    async with side.worker():
        await eventually(lambda: side.value("SELECT count(*) FROM inbox"), 500)
    assert [await side.applied(user) for user in users] == [list(range(1, 101))] * 5
    assert await side.value("SELECT array_agg(DISTINCT events) FROM activity_summaries") == [100]
