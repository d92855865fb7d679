"""Whom the gateway is to send requests to: the ready api replicas, without those put aside."""

import threading
from collections.abc import Callable, Collection

from deploy.envoy.endpoints import endpoints_file, write_endpoints
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.wanted import SEATS_BY_ID, Seat

Names = Callable[[], Collection[str]]


class Endpoints:
    """Writes the gateway's endpoint file. Safe to be called by several threads."""

    def __init__(self, home: Home, board: Board) -> None:
        self._home = home
        self._board = board
        self._aside: list[Names] = []
        self._lock = threading.Lock()

    def leave_out(self, names: Names) -> None:
        """Ask `names` at each writing for replicas that are to get nothing."""
        self._aside.append(names)

    def serving(self) -> list[Seat]:
        """Return the api seats that are ready and not put aside."""
        aside = {name for names in self._aside for name in names()}
        return [
            seat for seat in self._board.serving() if seat.role == "api" and seat.id not in aside
        ]

    def write(self) -> None:
        """Bring the file up to date.

        The gateway keeps the last endpoints rather than none at all: see the architecture.
        """
        with self._lock:
            ports = [seat.traffic_port(self._home) or 0 for seat in self.serving()]
            if ports:
                write_endpoints(endpoints_file(self._home), [("127.0.0.1", port) for port in ports])

    def has(self, name: str) -> bool:
        """Return whether the file names this replica."""
        port = SEATS_BY_ID[name].traffic_port(self._home)
        try:
            return f'"port_value": {port}' in endpoints_file(self._home).read_text()
        except FileNotFoundError:
            return False
