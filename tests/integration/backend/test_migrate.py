"""The schema: made by N starters at once, equal to the tables, and waited for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from backend.domain.errors import DatabaseUnavailableError
from backend.settings import Settings
from backend.storage.engine import create_engine
from backend.storage.migrate import migrate
from tests.fixtures.database import Servers


@pytest_asyncio.fixture
async def empty(servers: Servers) -> AsyncIterator[Settings]:
    """Return settings of a database without a table."""
    name = f"empty_{uuid4().hex[:12]}"
    await servers.sql(f'CREATE DATABASE "{name}"')
    yield servers.settings(name, 0)
    await servers.sql(f'DROP DATABASE "{name}" WITH (FORCE)')


async def test_any_number_of_starters_make_one_schema_that_equals_the_tables(
    empty: Settings,
) -> None:
    await asyncio.gather(*(migrate(empty) for _ in range(8)))
    engine = create_engine(empty)
    async with engine.connect() as connection:
        differences: list[Any] = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), SQLModel.metadata)
        )
    await engine.dispose()
    assert differences == []


async def test_a_database_that_is_away_is_said_to_be(empty: Settings) -> None:
    with pytest.raises(DatabaseUnavailableError):
        await migrate(empty.model_copy(update={"postgres_port": 1}))
