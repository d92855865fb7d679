"""Holds the wanted number of replicas: adds watchers that are missing, removes the surplus."""

import logging
import time
from collections.abc import Callable, Collection

from deploy.home import Home
from deploy.local.layout import BusyError, changing
from deploy.local.parts import PRODUCT_RANK, Parts
from deploy.local.starting import launch
from deploy.local.stopping import stop
from deploy.local.supervisor import Supervisor
from deploy.local.wanted import SEATS_BY_ID, Seat, Wanted, read_wanted

logger = logging.getLogger(__name__)

# In that time the gateway reads its new endpoint file and ends what it was sending.
LEAVE_SECONDS = 0.7
# One that never gets ready must not keep the others from being started.
START_SECONDS = 20.0


class Reconciler:
    """Each step compares what is wanted with what circus watches, and closes the difference.

    Replicas start one after the other: a process that starts takes a core for a
    second or two, which several at once would take away from those that serve.
    None is stopped while the gateway is told of it: the endpoints are written late
    where a replica hangs, and keep those of before while nobody else serves.
    """

    def __init__(
        self, home: Home, parts: Parts, ready: Callable[[str], bool], serves: Callable[[str], bool]
    ) -> None:
        """`ready` says whether a part is, `serves` whether the gateway's endpoints have it."""
        self._home = home
        self._parts = parts
        self._supervisor = Supervisor(home)
        self._ready = ready
        self._serves = serves
        self._starting: tuple[str, float] | None = None
        self._leaving: dict[str, float] = {}

    def step(self) -> None:
        """Do what is due now. Nothing while `up` or `down` is at work, or circus is dead."""
        wanted = read_wanted(self._home)
        if wanted is None or not self._supervisor.answers():
            return
        try:
            with changing(self._home):
                self._close_the_gap(wanted)
        except BusyError:
            return

    def _close_the_gap(self, wanted: Wanted) -> None:
        watched = self._supervisor.watched()
        seats = {seat.id: seat for seat in wanted.seats()}
        for name, state in watched.items():
            if state == "stopped":
                logger.warning(
                    "Circus gave up on a part: started again", extra={"pharos.component": name}
                )
                self._supervisor.revive(name)
        missing = [seat for name, seat in seats.items() if name not in watched]
        if missing and not self._still_starting(watched.keys()):
            self._add(missing[0])
        self._remove((watched.keys() & SEATS_BY_ID.keys()) - seats.keys())

    def _still_starting(self, watched: Collection[str]) -> bool:
        if self._starting is None:
            return False
        name, since = self._starting
        patient = time.monotonic() - since < START_SECONDS
        return name in watched and patient and not self._ready(name)

    def _add(self, seat: Seat) -> None:
        self._starting = (seat.id, time.monotonic())
        logger.info("Adding a replica", extra={"pharos.component": seat.id})
        launch(self._home, self._supervisor, self._parts.replica(self._home, seat), PRODUCT_RANK)

    def _remove(self, surplus: set[str]) -> None:
        now = time.monotonic()
        left = [name for name in surplus if not self._serves(name)]
        self._leaving = {name: self._leaving.get(name, now) for name in left}
        due = [name for name, since in self._leaving.items() if now - since >= LEAVE_SECONDS]
        if due:
            for name in sorted(due):
                logger.info("Removing a replica", extra={"pharos.component": name})
            stop(self._home, due, logger.warning)
