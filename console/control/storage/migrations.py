"""Brings a file of an older version up to date; SQLite's `user_version` says where it stands.

A migration that has been released is never edited: a later one follows it.
"""

import sqlite3
from collections.abc import Callable, Sequence

from console.control.storage.chain import chain_rows

Migration = tuple[str | Callable[[sqlite3.Connection], None], ...]

INITIAL: Migration = (
    """CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at DATETIME NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT NOT NULL,
        reason TEXT NOT NULL,
        outcome TEXT NOT NULL,
        detail TEXT NOT NULL,
        ref TEXT
    )""",
    # A change ends once, whatever happens to the process that watches it.
    """CREATE UNIQUE INDEX audit_ends_once ON audit (action, ref)
        WHERE ref IS NOT NULL AND outcome IN ('done', 'failed')""",
    """CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_is_not_erased BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TABLE actions (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        target TEXT NOT NULL,
        wanted INTEGER NOT NULL,
        asked BOOLEAN NOT NULL,
        state TEXT NOT NULL,
        progress TEXT NOT NULL,
        ready INTEGER NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL,
        started_at DATETIME NOT NULL,
        ended_at DATETIME
    )""",
    # The guard against two scalings of one role at a time, where no race can pass it.
    """CREATE UNIQUE INDEX actions_one_at_a_time ON actions (kind, target)
        WHERE state = 'running'""",
    """CREATE INDEX actions_newest ON actions (started_at)""",
    """CREATE TABLE drills (
        run TEXT PRIMARY KEY,
        experiment TEXT NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL,
        started_at DATETIME NOT NULL,
        pid INTEGER,
        pid_started REAL,
        settled_at DATETIME
    )""",
    """CREATE INDEX drills_unsettled ON drills (run) WHERE settled_at IS NULL""",
    """CREATE TABLE people (
        name TEXT PRIMARY KEY,
        password_hash TEXT NOT NULL,
        added_by TEXT NOT NULL,
        added_at DATETIME NOT NULL
    )""",
    """CREATE TABLE sessions (
        digest TEXT PRIMARY KEY,
        actor TEXT NOT NULL,
        created_at DATETIME NOT NULL,
        expires_at DATETIME NOT NULL
    )""",
    """CREATE TABLE sign_in_links (
        digest TEXT PRIMARY KEY,
        actor TEXT NOT NULL,
        expires_at DATETIME NOT NULL,
        used_at DATETIME
    )""",
    """CREATE TABLE attempts (
        key TEXT PRIMARY KEY,
        failures INTEGER NOT NULL,
        last_at DATETIME NOT NULL
    )""",
    """CREATE TABLE alerts (
        fingerprint TEXT NOT NULL,
        starts_at DATETIME NOT NULL,
        name TEXT NOT NULL,
        severity TEXT NOT NULL,
        status TEXT NOT NULL,
        summary TEXT NOT NULL,
        labels JSON NOT NULL,
        ends_at DATETIME,
        received_at DATETIME NOT NULL,
        PRIMARY KEY (fingerprint, starts_at)
    )""",
)

ALERTS_LEAD_SOMEWHERE: Migration = (
    "ALTER TABLE alerts ADD COLUMN description TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE alerts ADD COLUMN runbook_url TEXT",
    "ALTER TABLE alerts ADD COLUMN console_url TEXT",
    "ALTER TABLE alerts ADD COLUMN dashboard_url TEXT",
)

ALERTS_ARE_ANSWERED: Migration = (
    "ALTER TABLE alerts ADD COLUMN annotations JSON NOT NULL DEFAULT '{}'",
    "ALTER TABLE alerts ADD COLUMN drill TEXT",
    """CREATE TABLE acknowledgements (
        fingerprint TEXT NOT NULL,
        starts_at DATETIME NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL,
        at DATETIME NOT NULL,
        until DATETIME NOT NULL,
        PRIMARY KEY (fingerprint, starts_at)
    )""",
)

# Until then whoever could sign in could do everything but mint links.
PEOPLE_HAVE_ROLES: Migration = (
    "ALTER TABLE people ADD COLUMN role TEXT NOT NULL DEFAULT 'operator'",
)

AUDIT_IS_CHAINED: Migration = (
    "DROP TRIGGER audit_is_not_rewritten",
    'ALTER TABLE audit ADD COLUMN "before" TEXT',
    'ALTER TABLE audit ADD COLUMN "after" TEXT',
    "ALTER TABLE audit ADD COLUMN previous TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT ''",
    chain_rows,
    """CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    # REPLACE deletes without a trigger, so that a row may not take another's place, either.
    """CREATE TRIGGER audit_is_only_appended_to BEFORE INSERT ON audit
        WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM audit)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)

TOKENS_ARE_MADE: Migration = (
    """CREATE TABLE tokens (
        digest TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        scope TEXT NOT NULL,
        reason TEXT NOT NULL,
        created_by TEXT NOT NULL,
        created_at DATETIME NOT NULL,
        expires_at DATETIME NOT NULL,
        revoked_at DATETIME,
        revoked_by TEXT
    )""",
    # A name stands for one token at a time, so that the audit log's actor is one.
    "CREATE UNIQUE INDEX tokens_one_of_a_name ON tokens (name) WHERE revoked_at IS NULL",
)

DRILLS_HAVE_PROFILES: Migration = (
    "ALTER TABLE drills ADD COLUMN profile TEXT NOT NULL DEFAULT 'standard'",
)

RESTARTS_HAVE_PLANS: Migration = ("ALTER TABLE actions ADD COLUMN plan TEXT",)

SCHEDULES_ARE_KEPT: Migration = (
    """CREATE TABLE schedules (
        name TEXT PRIMARY KEY,
        spec JSON NOT NULL,
        created_by TEXT NOT NULL,
        created_at DATETIME NOT NULL,
        settled_at DATETIME
    )""",
)

MIGRATIONS: tuple[Migration, ...] = (
    INITIAL,
    ALERTS_LEAD_SOMEWHERE,
    ALERTS_ARE_ANSWERED,
    PEOPLE_HAVE_ROLES,
    AUDIT_IS_CHAINED,
    TOKENS_ARE_MADE,
    DRILLS_HAVE_PROFILES,
    RESTARTS_HAVE_PLANS,
    SCHEDULES_ARE_KEPT,
)


class NewerFileError(Exception):
    """The file was written by a newer release; this one must not touch it."""


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply what is missing, all of it or nothing, while no one else writes.

    `connection` must be in autocommit mode (`isolation_level=None`).

    Raises:
        NewerFileError: the file knows migrations that this release does not.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        _apply(connection, migrations)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _apply(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(migrations):
        raise NewerFileError(
            f"the control service's file has version {version}, this release knows "
            f"{len(migrations)}: start the release that wrote it"
        )
    for steps in migrations[version:]:
        for step in steps:
            if callable(step):
                step(connection)
            else:
                connection.execute(step)
    connection.execute(f"PRAGMA user_version = {len(migrations)}")
