"""The audit log's chain: each row carries the hash of its content and of the row before.

The format, for whoever checks it without us:

- The content is a JSON object of the members in `CONTENT`. `id` is a number, all
  others are strings, or null where the column is. `at` is UTC as
  `2026-11-22T18:00:00.000000Z`. `before` and `after` are strings that hold JSON
  themselves. `previous` is the `hash` of the row before, 64 zeros for the first.
- It is written as RFC 8785 says: members by name, no white space, UTF-8.
- `hash` is the SHA-256 of these bytes in lower-case hexadecimal digits.

Nothing in it is secret: whoever may write the file can write a chain that holds
in itself. `heads` says what tells of that.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime

FIRST = "0" * 64
CONTENT = (
    "id",
    "at",
    "actor",
    "action",
    "target",
    "reason",
    "outcome",
    "detail",
    "ref",
    "before",
    "after",
    "previous",
)

Value = int | str | None
Content = Mapping[str, Value]


def canonical(value: object) -> str:
    """Return RFC 8785's JSON of strings, whole numbers, booleans, nulls, and what holds these."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def row_hash(content: Content) -> str:
    """Return the hash of a row; members beside those in `CONTENT` do not count."""
    text = canonical({name: content[name] for name in CONTENT})
    return hashlib.sha256(text.encode()).hexdigest()


def time_text(at: datetime) -> str:
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def as_content(row: Mapping[str, Value]) -> dict[str, Value]:
    """Return a row as SQLite has it in the chain's form: only its time is written otherwise."""
    return {**row, "at": f"{str(row['at']).replace(' ', 'T')}Z"}


def chain_rows(file: sqlite3.Connection) -> None:
    """Chain rows that were written before there was a chain; part of a migration."""
    previous = FIRST
    found = file.execute("SELECT * FROM audit ORDER BY id")
    names = [column[0] for column in found.description]
    for row in found.fetchall():
        content = as_content(dict(zip(names, row, strict=True))) | {"previous": previous}
        digest = row_hash(content)
        values = (previous, digest, content["id"])
        file.execute("UPDATE audit SET previous = ?, hash = ? WHERE id = ?", values)
        previous = digest
