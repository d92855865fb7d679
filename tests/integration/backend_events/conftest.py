"""An event side on the shared servers, with a database and a vhost of its own."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.broker.links import Link
from backend.broker.publisher import Publisher
from backend.broker.topology import declare
from backend.settings import Settings
from backend.storage.engine import create_engine
from tests.fixtures.running import PATIENCE
from tests.integration.backend.network import Link as Network
from tests.integration.backend_events.eventside import QUEUES, EventSide


@asynccontextmanager
async def _engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(settings)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def side(with_vhost: Settings) -> AsyncIterator[EventSide]:
    connection = await asyncpg.connect(with_vhost.database_url.replace("+asyncpg", ""))
    link = await Link.open(with_vhost)
    await declare(await link.channel(), QUEUES)
    async with _engine(with_vhost) as engine:
        yield EventSide(with_vhost, connection, engine, link, await Publisher.open(link))
    await link.close()
    await connection.close()


@pytest_asyncio.fixture
async def postgres_network(database: Settings) -> AsyncIterator[Network]:
    async with Network(database.postgres_port).running() as network:
        yield network


@pytest_asyncio.fixture
async def rabbitmq_network(database: Settings) -> AsyncIterator[Network]:
    async with Network(database.rabbitmq_port).running() as network:
        yield network


@pytest_asyncio.fixture
async def far_engine(database: Settings, postgres_network: Network) -> AsyncIterator[AsyncEngine]:
    """An engine whose way to PostgreSQL can be cut, and which soon gives a lock up."""
    async with _far_engine(database, postgres_network, db_timeout=1.0) as engine:
        yield engine


@pytest_asyncio.fixture
async def patient_far_engine(
    database: Settings, postgres_network: Network
) -> AsyncIterator[AsyncEngine]:
    """One more such engine, which waits until the test has done what it wants to."""
    async with _far_engine(database, postgres_network, db_timeout=PATIENCE) as engine:
        yield engine


def _far_engine(
    database: Settings, network: Network, db_timeout: float
) -> AbstractAsyncContextManager[AsyncEngine]:
    changed = {"postgres_port": network.port, "db_timeout": db_timeout}
    return _engine(database.model_copy(update=changed))
