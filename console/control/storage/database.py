"""Opens the file: many readers and one writer, so that no write ever fails for another."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlmodel import Session

from console.control.storage.migrations import migrate

BUSY_SECONDS = 5.0
WRITE_WAIT_SECONDS = 10.0


def _engine(path: Path, begin: str, pool_size: int) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=WRITE_WAIT_SECONDS,
    )

    @event.listens_for(engine, "connect")
    def leave_transactions_to_us(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class Database:
    """The control service's file, brought up to date when it is opened.

    Raises:
        NewerFileError: a newer release wrote the file.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)) as raw:
            path.chmod(0o600)
            raw.execute("PRAGMA journal_mode = WAL")
            migrate(raw)
        self._readers = _engine(path, "BEGIN", pool_size=8)
        # One connection: writers queue for it in this process, and for SQLite's
        # own lock with another process, instead of failing halfway.
        self._writer = _engine(path, "BEGIN IMMEDIATE", pool_size=1)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one consistent state."""
        with Session(self._readers) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield the writing session; commits at the end, rolls back on any error."""
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self._readers.dispose()
        self._writer.dispose()
