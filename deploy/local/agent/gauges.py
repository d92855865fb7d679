"""The agent's metrics, from the catalogue."""

from collections.abc import Sequence

from backend.observability.catalogue import (
    AGENT_ACTIONS,
    COMPONENT_UP,
    LOG_SHIPPING_LAG,
    REPLICAS_DESIRED,
    REPLICAS_READY,
)
from backend.observability.metrics import Gauge, Instruments
from deploy.local.agent.board import Board
from deploy.local.wanted import ROLES


class Gauges:
    """Shows what the board holds, and counts actions."""

    def __init__(self, instruments: Instruments) -> None:
        self._desired = instruments.gauge(REPLICAS_DESIRED)
        self._ready = instruments.gauge(REPLICAS_READY)
        self._parts = instruments.gauge(COMPONENT_UP)
        self._actions = instruments.counter(AGENT_ACTIONS)
        self._instruments = instruments
        self._lag: Gauge | None = None

    def show_replicas(self, board: Board) -> None:
        serving = board.serving()
        for role in ROLES:
            self._desired.labels(role=role).set(board.wanted.counts[role])
            self._ready.labels(role=role).set(sum(seat.role == role for seat in serving))

    def show_parts(self, board: Board, names: Sequence[str]) -> None:
        for name in names:
            self._parts.labels(component=name).set(board.ready(name))

    def show_shipping_lag(self, seconds: float) -> None:
        """Show it; before the first time the gauge is absent, as where nothing is shipped."""
        if self._lag is None:
            self._lag = self._instruments.gauge(LOG_SHIPPING_LAG)
        self._lag.set(seconds)

    def count(self, action: str, outcome: str) -> None:
        """Count an action: outcome is done, refused or failed."""
        self._actions.labels(action=action, outcome=outcome).inc()
