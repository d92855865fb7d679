"""The agent's metrics, from the catalogue."""

from collections.abc import Sequence

from backend.observability.catalogue import (
    AGENT_ACTIONS,
    COMPONENT_UP,
    REPLICAS_DESIRED,
    REPLICAS_READY,
)
from backend.observability.metrics import Instruments
from deploy.local.agent.board import Board
from deploy.local.wanted import ROLES


class Gauges:
    """Shows what the board holds, and counts actions."""

    def __init__(self, instruments: Instruments) -> None:
        self._desired = instruments.gauge(REPLICAS_DESIRED)
        self._ready = instruments.gauge(REPLICAS_READY)
        self._parts = instruments.gauge(COMPONENT_UP)
        self._actions = instruments.counter(AGENT_ACTIONS)

    def show_replicas(self, board: Board) -> None:
        serving = board.serving()
        for role in ROLES:
            self._desired.labels(role=role).set(board.wanted.counts[role])
            self._ready.labels(role=role).set(sum(seat.role == role for seat in serving))

    def show_parts(self, board: Board, names: Sequence[str]) -> None:
        for name in names:
            self._parts.labels(component=name).set(board.ready(name))

    def count(self, action: str, outcome: str) -> None:
        """Count an action: outcome is done, refused or failed."""
        self._actions.labels(action=action, outcome=outcome).inc()
