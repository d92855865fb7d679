"""Where the control service keeps its file, and what its audit log's chain is checked against."""

from pathlib import Path

from deploy.home import Home


def database_file(home: Home) -> Path:
    return home.data / "control" / "control.sqlite3"


def heads_file(home: Home) -> Path:
    """The number and hash of each row of the audit log, written when the row was committed."""
    return home.data / "control" / "audit-heads.jsonl"
