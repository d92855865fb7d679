"""The connection pool: every wait on PostgreSQL has an end, and a lost server is noticed for free.

A connection whose server went away is known to be closed by its transport, so
it is replaced when it is taken from the pool, without the round trip that a
ping would cost each request.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from backend.observability.catalogue import DB_POOL, DB_POOL_LIMIT
from backend.observability.metrics import Instruments
from backend.settings import Settings

# A writer that stops in the middle of a transaction (a paused process, say) loses it
# after this many seconds; `backend.cache` relies on it being shorter than its fence.
IDLE_IN_TRANSACTION_SECONDS = 10.0

Sessions = async_sessionmaker[AsyncSession]


def create_engine(settings: Settings) -> AsyncEngine:
    """Return the process's engine; nothing is connected yet.

    Connecting, a statement, a lock and the wait for a free connection each end
    after `settings.db_timeout` seconds. Parameters never appear in errors.
    """
    engine = create_async_engine(
        settings.database_url,
        pool_size=settings.db_pool_size,
        max_overflow=0,
        pool_timeout=settings.db_timeout,
        # Last in, first out: an idle pool's surplus ages out at the server, the rest stays warm.
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args=_connect_arguments(settings),
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def create_sessions(engine: AsyncEngine) -> Sessions:
    """Return the session factory; `async with sessions.begin() as session:` is one transaction."""
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


def observe_pool(engine: AsyncEngine, instruments: Instruments) -> None:
    """Expose the pool's connections in use and idle, read when Prometheus scrapes."""
    pool: Any = engine.pool
    connections = instruments.gauge(DB_POOL)
    connections.labels(state="used").set_function(pool.checkedout)
    connections.labels(state="idle").set_function(pool.checkedin)
    instruments.gauge(DB_POOL_LIMIT).set(pool.size())


def _connect_arguments(settings: Settings) -> dict[str, Any]:
    milliseconds = str(int(settings.db_timeout * 1000))
    return {
        "timeout": settings.db_timeout,
        # The server ends a statement first; this is for a server that no longer answers.
        "command_timeout": settings.db_timeout + 0.5,
        "server_settings": {
            "application_name": f"pharos {settings.replica_id}",
            "timezone": "UTC",
            "statement_timeout": milliseconds,
            "lock_timeout": milliseconds,
            "idle_in_transaction_session_timeout": str(int(IDLE_IN_TRANSACTION_SECONDS * 1000)),
        },
    }


def _refuse_closed(connection: Any, record: Any, proxy: Any) -> None:  # noqa: ARG001
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection while it was idle")
