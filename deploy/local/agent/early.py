"""Lets paused processes go on in time while the agent is still starting.

Its imports take as long as a short lease; these here take a moment. It reads what
`faults.leases` writes, and leaves everything else, the files too, to the keeper,
which finds these processes running already.
"""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deploy.home import Home
from deploy.local.launch import boot_id, uptime
from deploy.local.processes import Identity, send

LOOK_SECONDS = 0.05
PAUSES = ("pause", "stray-stop")


@contextmanager
def letting_go(home: Home) -> Iterator[None]:
    """End pauses in a thread until the block is left."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            let_go(home)

    let_go(home)
    thread = threading.Thread(target=look, name="early", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def let_go(home: Home) -> None:
    """Send SIGCONT to whom an expired pause holds, or any pause while the halt switch is on."""
    halted = home.halt_file.exists()
    for path in home.leases.glob("*.json"):
        try:
            lease = json.loads(path.read_text())
            if lease["kind"] in PAUSES and (halted or _ended(lease)):
                for pid, ticks in lease["held"]:
                    send(Identity(pid, ticks), signal.SIGCONT)
        except (FileNotFoundError, ValueError, LookupError, TypeError):
            # Gone just now, or no lease: the keeper says so, and ends what it may have held.
            continue


def _ended(lease: dict[str, Any]) -> bool:
    """One whose maker had no answer has ended, too."""
    return not lease["made"] or lease["boot"] != boot_id() or lease["deadline"] <= uptime()
