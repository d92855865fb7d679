"""Replicas put aside: out of the gateway and alive, until somebody or their time lets them back.

An agent that is started again knows them from disk; a replica that is scaled
away, and a stack that is stopped, forgets it.
"""

from deploy.driver import (
    AlreadyAsideError,
    AsideKind,
    LastReplicaError,
    Note,
    UnknownTargetError,
)
from deploy.home import Home
from deploy.local.agent.board import Board
from deploy.local.agent.endpoints import Endpoints
from deploy.local.aside import aside, put_aside, put_back
from deploy.local.wanted import SEATS_BY_ID


class SettingAside:
    """Puts api replicas aside, but never the last that serves."""

    def __init__(self, home: Home, board: Board, endpoints: Endpoints) -> None:
        self._home = home
        self._board = board
        self._endpoints = endpoints
        endpoints.leave_out(self.names)

    def names(self) -> frozenset[str]:
        return frozenset(aside(self._home))

    def put(self, name: str, kind: AsideKind, note: Note, seconds: float | None = None) -> None:
        """Take a replica out of the gateway for `seconds`, or until it is let back.

        Once more prolongs it; a quarantine takes a drain's place.

        Raises:
            UnknownTargetError: it is no api replica of this stack.
            AlreadyAsideError: a drain would end what somebody else wants to last.
            LastReplicaError: no other one serves.
        """
        self._require_api(name)
        self._require_free(name, kind, seconds)
        if not any(seat.id != name for seat in self._endpoints.serving()):
            raise LastReplicaError(
                f"{name} is the last ready replica of api in the gateway: scale api up by one first"
            )
        put_aside(self._home, name, kind, note, seconds)
        self._endpoints.write()

    def lift(self, name: str) -> None:
        """Let a replica back; one that is not put aside stays as it is.

        Raises:
            UnknownTargetError: it is no api replica of this stack.
        """
        self._require_api(name)
        put_back(self._home, name)
        self._endpoints.write()

    def forget_the_gone(self) -> None:
        """Forget whose time is over, and who is wanted no more: a successor begins anew."""
        if not self._home.aside.exists():
            return
        wanted = {seat.id for seat in self._board.wanted.seats()}
        for path in self._home.aside.iterdir():
            if path.name not in wanted & self.names():
                put_back(self._home, path.name)

    def _require_api(self, name: str) -> None:
        seat = SEATS_BY_ID.get(name)
        if seat is None or seat.role != "api" or seat not in self._board.wanted.seats():
            raise UnknownTargetError(f"there is no api replica {name}")

    def _require_free(self, name: str, kind: AsideKind, seconds: float | None) -> None:
        held = aside(self._home).get(name)
        if held is None or kind == "quarantine":
            return
        lasting = seconds is not None and held.deadline is None
        if held.kind == "quarantine" or lasting:
            word = "quarantined" if held.kind == "quarantine" else "drained"
            raise AlreadyAsideError(
                f"{name} is {word} by {held.note.by} ({held.note.reason}): release it first"
            )
