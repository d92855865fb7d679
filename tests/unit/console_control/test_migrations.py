"""The service's file: opened whatever older release wrote it, and never half changed."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from console.control.storage import audit
from console.control.storage.database import Database
from console.control.storage.migrations import INITIAL, MIGRATIONS, NewerFileError, migrate
from console.control.storage.tables import AuditRow, Row

NEXT = ("ALTER TABLE people ADD COLUMN note TEXT",)


@pytest.fixture
def file() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield connection


def _row(at: datetime) -> AuditRow:
    return AuditRow(
        at=at, actor="ada", action="scale", target="api", reason="x", outcome="done", detail=""
    )


def _version(file: sqlite3.Connection) -> int:
    return int(file.execute("PRAGMA user_version").fetchone()[0])


def test_a_file_of_an_older_release_is_brought_up_and_keeps_its_rows(
    file: sqlite3.Connection,
) -> None:
    migrate(file, (INITIAL,))
    file.execute("INSERT INTO people VALUES ('ada', 'hash', 'root', '2026-11-22')")
    migrate(file, (INITIAL, NEXT))
    assert file.execute("SELECT name, note FROM people").fetchall() == [("ada", None)]
    assert _version(file) == 2


def test_a_file_of_a_newer_release_is_left_alone(file: sqlite3.Connection) -> None:
    migrate(file, (INITIAL, NEXT))
    with pytest.raises(NewerFileError, match="version 2"):
        migrate(file, (INITIAL,))
    assert _version(file) == 2


def test_a_migration_that_fails_changes_nothing(file: sqlite3.Connection) -> None:
    migrate(file, (INITIAL,))
    with pytest.raises(sqlite3.OperationalError):
        migrate(file, (INITIAL, (*NEXT, "ALTER TABLE nothing ADD COLUMN x TEXT")))
    assert _version(file) == 1
    assert "note" not in [row[1] for row in file.execute("PRAGMA table_info(people)")]


def test_the_first_migration_is_never_edited() -> None:
    """A change belongs into a new migration: files written by this one exist."""
    written = hashlib.sha256("\n".join(map(str, MIGRATIONS[0])).encode()).hexdigest()
    assert written[:16] == "357d8a510a9c4947"


def test_the_tables_are_those_that_the_code_knows(tmp_path: Path) -> None:
    Database(tmp_path / "control.sqlite3").close()
    seen = inspect(create_engine(f"sqlite:///{tmp_path}/control.sqlite3"))
    assert set(seen.get_table_names()) == set(Row.metadata.tables)
    for name, table in Row.metadata.tables.items():
        made = {column["name"]: column["nullable"] for column in seen.get_columns(name)}
        known = {column.name: column.nullable for column in table.columns}
        assert {k: v for k, v in made.items() if k not in table.primary_key.columns} == {
            k: v for k, v in known.items() if k not in table.primary_key.columns
        }, name


def test_times_come_back_in_utc_with_their_zone(tmp_path: Path) -> None:
    database = Database(tmp_path / "control.sqlite3")
    at = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    with database.write() as session:
        audit.append(session, _row(at))
    with database.read() as session:
        assert audit.newest(session, 1, None)[0].at == at
    database.close()


def test_a_write_that_fails_leaves_nothing_and_lets_the_next_one_in(tmp_path: Path) -> None:
    database = Database(tmp_path / "control.sqlite3")

    def fail_halfway() -> None:
        with database.write() as session:
            audit.append(session, _row(datetime.now(UTC)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with database.write() as session:
        assert audit.newest(session, 1, None) == []
    database.close()
