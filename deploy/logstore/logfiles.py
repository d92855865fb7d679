"""Which files hold lines of ours: each process' own, the gateway's access log, the drills'."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.observability.fields import SERVICES
from deploy.home import Home
from deploy.logstore.search import Search

# NAME.log is being written; NAME.log.1 and so on were, the lowest number last.
# What Envoy says of itself (`gateway.log`) is plain text; its lines of requests are ours.
_OWN = re.compile(r"(?!gateway\.)(?P<stem>[a-z]+)(-\d{1,3}|-access)?\.log(\.\d{1,3})?")
# A clock that is set back a little must not hide a file.
SLACK = timedelta(seconds=5)


def files_of(home: Home, search: Search) -> list[Path]:
    """Return the files that may hold lines of `search`; raises OSError where they cannot be seen.

    A file that was last written before `since` cannot, and one of another
    component does not.
    """
    return sorted(path for path in _own(home) if _may_hold(path, search))


def _own(home: Home) -> Iterator[Path]:
    if home.logs.exists():
        for path in home.logs.iterdir():
            named = _OWN.fullmatch(path.name)
            if named and named["stem"] in SERVICES:
                yield path
    yield from home.drills.glob("*/runner.log*")


def _may_hold(path: Path, search: Search) -> bool:
    if search.component and not _is_of(path, search.component):
        return False
    with suppress(FileNotFoundError):  # rotated away in this moment
        seen = path.stat()
        written = datetime.fromtimestamp(seen.st_mtime, UTC)
        return seen.st_size > 0 and (search.since is None or written >= search.since - SLACK)
    return False


def _is_of(path: Path, component: str) -> bool:
    if path.name.startswith("runner.log"):
        return component == "drill"
    stem = path.name.partition(".")[0]
    return stem == component or stem.rpartition("-")[0] == component
