"""Whether log lines arrive: a heartbeat line is written, and looked for in the log store.

The way there is the way of every line, so its age tells of all of it: the
shipper, its queue, the store. While the store does not answer the age grows.
"""

import logging
import platform
import time
from collections.abc import Callable
from typing import TypeVar

from deploy.elk.client import HEARTBEAT, newest_heartbeat
from deploy.elk.store import StoreError, store_of
from deploy.elk.upkeep import Upkeep
from deploy.home import Home
from deploy.local.agent.gauges import Gauges
from deploy.local.agent.unanswered import send_again
from deploy.local.servers.shipper import places
from deploy.local.wanted import read_wanted

logger = logging.getLogger(__name__)
T = TypeVar("T")

EXTRA = "elk"
BEAT_SECONDS = 5.0
# Of some 29 kB each in the test server's memory: about 2 GB.
MOST_LINES = 80_000


class ShippingWatch:
    """Beats and looks, where logs are shipped. Times are seconds of Unix time."""

    def __init__(self, home: Home, gauges: Gauges) -> None:
        self._home = home
        self._gauges = gauges
        self._began: float | None = None
        self._newest: float | None = None
        self._failing: set[str] = set()
        self._refused = self._refused_bytes()
        self._upkeep = Upkeep()

    def step(self) -> None:
        """Write a heartbeat, and show the age of the newest one that the store holds."""
        wanted = read_wanted(self._home)
        if wanted is None or EXTRA not in wanted.extras:
            return
        logger.info("Log shipping heartbeat", extra={"event.action": HEARTBEAT})
        self._began = self._began or time.time()
        found = self._ask("looking for the newest heartbeat", self._look)
        self._newest = max(self._newest or 0.0, found) if found else self._newest
        # Until the first one is seen, the wait for it is what there is to tell.
        age = time.time() - (self._newest or self._began)
        self._gauges.show_shipping_lag(max(0.0, age))
        if self._ask("sending again what was refused", lambda: send_again(self._home)):
            logger.info("Lines that the log store had refused as a whole were sent again")
        self._tell_refusals()
        self._ask("looking after the test server", self._look_after_test_server)

    def _look_after_test_server(self) -> None:
        """It keeps its lines in memory, and knows no lifecycle; a given store has its own."""
        store = store_of(self._home)
        if not store.given and (forgotten := self._upkeep.step(store, MOST_LINES)):
            logger.info("The test server of the logs has forgotten its %d oldest lines", forgotten)

    def _ask(self, what: str, question: Callable[[], T]) -> T | None:
        """Ask the store; None where that fails, which is told once as long as it does."""
        try:
            answer = question()
        except (StoreError, OSError) as error:
            if what not in self._failing:
                logger.warning("Log shipping: %s fails: %s", what, error)
            self._failing.add(what)
            return None
        self._failing.discard(what)
        return answer

    def _look(self) -> float | None:
        file = str(self._home.logs / "agent.log")
        found = newest_heartbeat(store_of(self._home), platform.node(), file)
        return found.timestamp() if found else None

    def _tell_refusals(self) -> None:
        """Warn of lines that were set aside since the last look, by the size of their file."""
        size = self._refused_bytes()
        if size > self._refused:
            path = places(self._home).refused
            with path.open("rb") as file:
                file.seek(self._refused)
                count = file.read().count(b"\n")
            logger.warning("%d log lines cannot be stored: %s says why", count, path)
        self._refused = size

    def _refused_bytes(self) -> int:
        path = places(self._home).refused
        return path.stat().st_size if path.exists() else 0
