"""Keeps the files bounded that no process of ours rotates itself.

What a server prints is copied and truncated in place: it is held open for
appending, so the next line lands at the new beginning. Lines written between
the two steps are lost, and every line is shipped once more, from the copy.

The gateway can open its access log anew, so that one is renamed, which loses
and repeats nothing. Its lines go on into the old file until it has done so.
"""

import http.client
import logging
import shutil
from pathlib import Path

from backend.observability.fields import SERVICES
from deploy.envoy.access_log import access_log_file
from deploy.home import Home
from deploy.local import extras
from deploy.local.parts import SERVER_NAMES
from deploy.local.servers import gateway
from deploy.local.servers.probe import NotHealthyError
from deploy.local.specs import running

logger = logging.getLogger(__name__)

MAX_BYTES = 10 * 1024 * 1024
KEPT = 3
_FOREIGN_EXTRAS = tuple(name for name in extras.COMPONENTS if name not in SERVICES)
ROTATED_LOGS = (*SERVER_NAMES, *_FOREIGN_EXTRAS, "supervisor")


def rotate(home: Home, max_bytes: int = MAX_BYTES) -> list[Path]:
    """Rotate what has grown beyond `max_bytes`; returns the files that begin anew."""
    access_log = access_log_file(home)
    grown = [path for path in [*_printed(home), access_log] if _size(path) > max_bytes]
    for path in grown:
        _make_room(path)
        if path == access_log:
            path.replace(_kept(path, 1))
        else:
            shutil.copy2(path, _kept(path, 1))
            with path.open("r+b") as file:
                file.truncate(0)
    _reopen(home, access_log)
    return grown


def _printed(home: Home) -> list[Path]:
    named = [home.logs / f"{name}.log" for name in ROTATED_LOGS]
    return [*named, *home.logs.glob("*.out"), *home.logs.glob("*-refused.jsonl")]


def _reopen(home: Home, access_log: Path) -> None:
    """Have the gateway write to the new file.

    It is asked as long as nothing is in the new one: it may stand still just now,
    and to ask once too often costs nothing. The file is made here because a gateway
    that cannot make it closes its log for good.
    """
    if _size(access_log) or not _kept(access_log, 1).exists():
        return
    access_log.touch()
    if running(home, gateway.NAME) is None:
        return
    try:
        gateway.reopen_logs(home)
    except (OSError, http.client.HTTPException, NotHealthyError) as error:
        logger.warning("The gateway does not open its access log anew yet: %s", error)


def _make_room(path: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        if (older := _kept(path, number)).exists():
            older.replace(_kept(path, number + 1))


def _kept(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
