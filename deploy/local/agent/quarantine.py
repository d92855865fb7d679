"""Replicas put aside: out of the gateway and alive, until somebody lets them back.

An agent that is started again knows them from disk; a replica that is scaled
away, and a stack that is stopped, forgets it.
"""

from deploy.driver import LastReplicaError, UnknownTargetError
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.quarantined import quarantined
from deploy.local.wanted import SEATS_BY_ID


class Quarantine:
    """Puts api replicas aside, but never the last that serves."""

    def __init__(self, home: Home, board: Board, endpoints: Endpoints) -> None:
        self._home = home
        self._board = board
        self._endpoints = endpoints
        endpoints.leave_out(self.names)

    def names(self) -> frozenset[str]:
        return quarantined(self._home)

    def put(self, name: str) -> None:
        """Take a replica out of the gateway; once more changes nothing.

        Raises:
            UnknownTargetError: it is no api replica of this stack.
            LastReplicaError: no other one serves.
        """
        self._require_api(name)
        if not any(seat.id != name for seat in self._endpoints.serving()):
            raise LastReplicaError(
                f"{name} is the last ready replica of api in the gateway: scale api up by one first"
            )
        self._home.quarantine.mkdir(exist_ok=True)
        (self._home.quarantine / name).touch()
        self._endpoints.write()

    def lift(self, name: str) -> None:
        """Let a replica back; one that is not put aside stays as it is.

        Raises:
            UnknownTargetError: it is no api replica of this stack.
        """
        self._require_api(name)
        (self._home.quarantine / name).unlink(missing_ok=True)
        self._endpoints.write()

    def forget_the_gone(self) -> None:
        """Forget replicas that are wanted no more: their successors begin anew."""
        wanted = {seat.id for seat in self._board.wanted.seats()}
        for name in self.names() - wanted:
            (self._home.quarantine / name).unlink(missing_ok=True)

    def _require_api(self, name: str) -> None:
        seat = SEATS_BY_ID.get(name)
        if seat is None or seat.role != "api" or seat not in self._board.wanted.seats():
            raise UnknownTargetError(f"there is no api replica {name}")
