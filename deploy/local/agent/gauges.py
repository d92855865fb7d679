"""The agent's metrics, from the catalogue."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from backend.observability.catalogue import (
    AGENT_ACTIONS,
    COMPONENT_STARTS,
    COMPONENT_UP,
    DISK_FREE,
    DISK_SIZE,
    FAULTS_ACTIVE,
    FAULTS_RESIDUE,
    LOG_SHIPPING_LAG,
    REPLICAS_DESIRED,
    REPLICAS_READY,
)
from backend.observability.metrics import Gauge, Instruments
from backend.schemas.faults import Faults
from deploy.faults.kinds import KINDS
from deploy.local.agent.board import Board
from deploy.local.specs import LaunchRecord
from deploy.local.wanted import ROLES


def starts_between(earlier: LaunchRecord, later: LaunchRecord) -> int:
    """Return how often a component started between two looks at its record, also unseen ones.

    Where it was set up anew meanwhile, its starts are numbered from 1 again.
    """
    if later.identity == earlier.identity:
        return 0
    since = later.starts - earlier.starts
    return since if since > 0 else later.starts


class Gauges:
    """Shows what the board holds, and counts actions."""

    def __init__(self, instruments: Instruments) -> None:
        self._desired = instruments.gauge(REPLICAS_DESIRED)
        self._ready = instruments.gauge(REPLICAS_READY)
        self._parts = instruments.gauge(COMPONENT_UP)
        self._starts = instruments.counter(COMPONENT_STARTS)
        self._actions = instruments.counter(AGENT_ACTIONS)
        self._instruments = instruments
        self._lag: Gauge | None = None
        self._free = instruments.gauge(DISK_FREE)
        self._size = instruments.gauge(DISK_SIZE)
        self._faults = instruments.gauge(FAULTS_ACTIVE)
        self._residue = instruments.gauge(FAULTS_RESIDUE)
        self._known: dict[str, LaunchRecord] = {}

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

    def show_starts(self, records: Mapping[str, LaunchRecord]) -> None:
        """Count the starts of each component since the last look.

        The first one seen of a component is none: it stands at 0 from then on,
        so that the next one is an increase.
        """
        for name, record in records.items():
            counter = self._starts.labels(component=name)
            counter.inc(starts_between(self._known.get(name, record), record))
            self._known[name] = record

    def show_disk(self, home: Path) -> None:
        usage = shutil.disk_usage(home)
        self._free.set(usage.free)
        self._size.set(usage.total)

    def show_faults(self, faults: Faults) -> None:
        """Show what is injected, by kind, and how much is left that should be gone."""
        active = Counter(each.kind for each in faults.faults)
        for kind in KINDS:
            self._faults.labels(kind=kind).set(active[kind])
        self._residue.set(len(faults.residue))

    def count(self, action: str, outcome: str) -> None:
        """Count an action: outcome is done, refused or failed."""
        self._actions.labels(action=action, outcome=outcome).inc()
