"""Reads the audit log from the file itself, read-only: also while the control service is dead."""

import sqlite3
from contextlib import closing
from pathlib import Path

from console.control.storage.chain import CONTENT, Value, as_content

Row = dict[str, Value]
COLUMNS = (*CONTENT, "hash")
BUSY_SECONDS = 5.0


class NoAuditFileError(Exception):
    """There is no file with a chained audit log; the message says what to do."""


def read_rows(path: Path) -> list[Row]:
    """Return every row in the chain's form (see `chain`) with its `hash`, oldest first.

    Raises:
        NoAuditFileError: there is no such file, it cannot be read, or has no chain yet.
    """
    if not path.exists():
        raise NoAuditFileError(f"{path} is not there: run `pharos up` first")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as file:
            file.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
            found = file.execute("SELECT * FROM audit ORDER BY id")
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found]
    except sqlite3.DatabaseError as error:
        raise NoAuditFileError(f"{path} cannot be read: {error}") from error
    if not set(COLUMNS) <= set(names):
        raise NoAuditFileError(f"an older release wrote {path}: run `pharos up` first")
    return [as_content(row) for row in rows]
