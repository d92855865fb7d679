"""Keeps the files bounded that no process of ours rotates itself.

Copied and truncated in place: the writers hold them open for appending, so the
next line lands at the new beginning. Lines written between the two steps are lost.
"""

import shutil
from pathlib import Path

from backend.observability.fields import SERVICES
from deploy.home import Home
from deploy.local import extras
from deploy.local.parts import SERVER_NAMES

MAX_BYTES = 10 * 1024 * 1024
KEPT = 3
_FOREIGN_EXTRAS = tuple(name for name in extras.COMPONENTS if name not in SERVICES)
ROTATED_LOGS = (*SERVER_NAMES, *_FOREIGN_EXTRAS, "supervisor", "gateway-access")


def rotate(home: Home, max_bytes: int = MAX_BYTES) -> list[Path]:
    """Rotate what has grown beyond `max_bytes`; returns the files that were truncated."""
    candidates = [home.logs / f"{name}.log" for name in ROTATED_LOGS]
    candidates += [*home.logs.glob("*.out"), *home.logs.glob("*-refused.jsonl")]
    grown = [path for path in candidates if path.exists() and path.stat().st_size > max_bytes]
    for path in grown:
        for number in range(KEPT - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{number + 1}"))
        shutil.copy2(path, path.with_name(f"{path.name}.1"))
        with path.open("r+b") as file:
            file.truncate(0)
    return grown
