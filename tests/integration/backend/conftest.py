"""Replicas on the shared servers, or behind links that a test can cut."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import asyncpg
import pytest
import pytest_asyncio

from backend.settings import Settings
from tests.fixtures.database import Servers, own_database
from tests.fixtures.running import RunningStack
from tests.integration.backend.faulty import TOKEN, Faulty, faulty
from tests.integration.backend.network import Link
from tests.integration.backend.own_redis import OwnRedis
from tests.integration.backend.processes import ReplicaProcess
from tests.integration.backend.replicas import Replica, replica


class Start(Protocol):
    def __call__(self, **changes: object) -> AbstractAsyncContextManager[Replica]: ...


@pytest.fixture
def start(database: Settings, stack: RunningStack) -> Start:
    """Return what starts a replica on this test's database, with settings changed as told."""

    def start(**changes: object) -> AbstractAsyncContextManager[Replica]:
        return replica(database.model_copy(update=changes), stack.secret("service_token"))

    return start


@pytest_asyncio.fixture
async def api(start: Start) -> AsyncIterator[Replica]:
    async with start() as running:
        yield running


@pytest_asyncio.fixture
async def other(start: Start) -> AsyncIterator[Replica]:
    async with start(replica_id="api-2") as running:
        yield running


@pytest_asyncio.fixture
async def connection(database: Settings) -> AsyncIterator[asyncpg.Connection]:
    """Return a connection to this test's database, past the product."""
    connection = await asyncpg.connect(
        host=database.postgres_host,
        port=database.postgres_port,
        user=database.postgres_user,
        password=database.postgres_password.get_secret_value(),
        database=database.postgres_database,
    )
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def postgres_link(database: Settings) -> AsyncIterator[Link]:
    async with Link(database.postgres_port).running() as link:
        yield link


@pytest_asyncio.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    await server.start()
    yield server
    server.go_on()
    server.kill()


@pytest_asyncio.fixture
async def redis_link(own_redis: OwnRedis) -> AsyncIterator[Link]:
    async with Link(own_redis.port).running() as link:
        yield link


@pytest_asyncio.fixture(scope="session")
async def faulty_process(
    servers: Servers, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Faulty]:
    """An API process that faults can be injected into, shared by the tests that do."""
    folder = tmp_path_factory.mktemp("faulty")
    told = {"fault_token": TOKEN, "db_pool_size": "3", "db_timeout": "5"}
    environment = {f"PHAROS_{name.upper()}": value for name, value in told.items()}
    async with (
        own_database(servers, migrated) as settings,
        Link(settings.postgres_port).running() as link,
    ):
        reached = settings.model_copy(update={"postgres_port": link.port})
        async with faulty(ReplicaProcess(reached, folder, **environment), link) as process:
            yield process


@pytest_asyncio.fixture
async def faulty_api(faulty_process: Faulty) -> AsyncIterator[Faulty]:
    """Return that process, with nothing injected before and after."""
    yield faulty_process
    (await faulty_process.ops.delete("/v1/faults")).raise_for_status()
    # The answer to the DELETE waits two seconds for what is being undone, and no longer.
    await faulty_process.reaches(Faulty.is_clean)
