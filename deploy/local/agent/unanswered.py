"""Sends again what the log store refused as a whole: overloaded, without a master, not allowed.

rsyslog takes such an answer for the last word on all lines of the request, and
puts the request into a file. Every line has its id, so sending it once more is
safe, also after a half that was taken.
"""

import json
import signal
from pathlib import Path

from deploy.elk.client import send_bulk
from deploy.elk.store import StoreError, store_of
from deploy.home import Home
from deploy.local.processes import send
from deploy.local.servers.shipper import NAME, places
from deploy.local.specs import running


def send_again(home: Home) -> int:
    """Send what lies there by now; returns how many requests arrived.

    Called again and again: the file is first moved aside, and read once rsyslog
    has let go of it.

    Raises:
        StoreError: the store does not take them yet; they stay.
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
    store, refused, count = store_of(home), places(home).refused, 0
    with taken.open() as requests:
        for request in requests:
            try:
                lines = json.loads(request)["request"]["postdata"]
            except (ValueError, LookupError) as error:
                raise StoreError(f"{taken} holds what is no request: {error}") from error
            for answer, line in send_bulk(store, lines):
                with refused.open("a") as file:
                    file.write(json.dumps({"answer": answer, "line": json.loads(line)}) + "\n")
            count += 1
    taken.unlink()
    return count
