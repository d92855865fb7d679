"""Brings the schema up to date; any number of processes may do so at the same time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from backend.settings import Settings
from backend.storage.failures import translated

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number will do as long as nothing else in this database locks it.
LOCK = 7_048_160_171


async def migrate(settings: Settings) -> None:
    """Upgrade the schema to the newest revision, or wait for whoever is doing so.

    One starter at a time holds an advisory lock that PostgreSQL frees with the
    connection, so a starter that dies leaves nothing behind.

    Raises:
        DatabaseUnavailableError: PostgreSQL could not be reached.
    """
    engine = create_async_engine(
        settings.database_url,
        poolclass=NullPool,
        connect_args={"timeout": settings.db_timeout},
    )
    try:
        with translated():
            async with engine.connect() as connection:
                await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
                await connection.commit()
                await connection.run_sync(_upgrade)
                await connection.commit()
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
