"""Sends again what the log store refused as a whole: overloaded, without a master, not allowed.

rsyslog takes such an answer for the last word on all lines of the request, and
puts the request into a file. Every line has its id, so sending it once more is
safe, also after a half that was taken. It puts one there as well whose lines the
store has already: those are done, and a store that is late is spared them.
"""

import json
import os
import re
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from deploy.elk.client import Refusal, has_arrived, send_bulk
from deploy.elk.store import store_of
from deploy.home import Home
from deploy.local.processes import send
from deploy.local.servers.shipper import NAME, places
from deploy.local.specs import running

# How rsyslog writes a request. Within one, the quotes would be escaped: so this begins
# another one, after a first that was cut off by a kill or by a full disk.
BEGINNING = re.compile(rb'\{ ?"request": ?\{')


def send_again(home: Home) -> int:
    """Send what lies there by now; returns how many requests arrived.

    Called again and again: the file is first moved aside, and read once rsyslog
    has let go of it. What is no request joins the lines that the store refused.

    Raises:
        StoreError: the store does not take them yet; those that did not arrive stay.
    """
    waiting = places(home).unanswered
    taken = waiting.with_suffix(".taken")
    if not taken.exists():
        if waiting.exists():
            waiting.replace(taken)
            _let_go(home)
        return 0
    return _send(home, taken)


def _let_go(home: Home) -> None:
    """On SIGHUP rsyslog closes its files, and opens them anew when it needs them."""
    if record := running(home, NAME):
        send(record.identity, signal.SIGHUP)


def _send(home: Home, taken: Path) -> int:
    store, count = store_of(home), 0
    # The last comes first, so that each can be cut off once it has arrived.
    for start, end in reversed([*pairwise(_starts(taken))]):
        piece = _read(taken, start, end)
        if (lines := _lines(piece)) is None:
            _set_aside(home, [({"error": "it is no whole request of the shipper"}, piece)])
        elif lines:
            _set_aside(home, send_bulk(store, lines))
            count += 1
        os.truncate(taken, start)
    taken.unlink()
    return count


def _starts(taken: Path) -> Iterator[int]:
    """Yield where each line, and each request within a line, begins; and the end of the file."""
    place = 0
    with taken.open("rb") as file:
        for line in file:
            begun = {0, *(found.start() for found in BEGINNING.finditer(line))}
            yield from (place + offset for offset in sorted(begun))
            place += len(line)
    yield place


def _read(taken: Path, start: int, end: int) -> str:
    """Return a part of the file; a byte that a program wrote amiss costs nothing but itself."""
    with taken.open("rb") as file:
        file.seek(start)
        return file.read(end - start).decode(errors="replace").rstrip("\n")


def _lines(piece: str) -> str | None:
    """Return the body of a request, empty once all of it has arrived; None where it is none."""
    try:
        written = json.loads(piece)
        lines = written["request"]["postdata"]
    except (ValueError, LookupError, TypeError):
        return None
    if not isinstance(lines, str):
        return None
    return "" if _arrived(written.get("reply")) else lines


def _arrived(reply: Any) -> bool:
    try:
        statuses = [answer["create"]["status"] for answer in reply["items"]]
        return bool(statuses) and all(has_arrived(status) for status in statuses)
    except (LookupError, TypeError):
        return False


def _set_aside(home: Home, refusals: list[Refusal]) -> None:
    if not refusals:
        return
    with places(home).refused.open("a") as file:
        for answer, line in refusals:
            file.write(json.dumps({"answer": answer, "line": _as_object(line)}) + "\n")


def _as_object(line: str) -> Any:
    """Return a document as the shipper writes it; one that is none as its text."""
    try:
        return json.loads(line)
    except ValueError:
        return line
