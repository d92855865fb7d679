"""The driver protocol: what the console may ask of whatever runs the product.

Local processes, containers and Kubernetes each implement it; one set of
contract tests holds for all, the fake included.
"""

from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict


class ComponentState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    DEGRADED = "degraded"
    BACKOFF = "backoff"
    STOPPED = "stopped"


class Component(BaseModel):
    """One part of the stack, as `status --json` shows it."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: ComponentState
    pid: int | None = None
    port: int | None = None
    version: str | None = None


class Replica(BaseModel):
    """One process of the product; addresses are `host:port`.

    One that is quarantined lives and may be ready, and gets nothing from the gateway.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    role: str
    pid: int | None = None
    address: str | None = None
    ops_address: str
    ready: bool
    quarantined: bool = False


class Urls(BaseModel):
    """Where the stack answers; null for a part that was left out."""

    model_config = ConfigDict(frozen=True)

    gateway: str
    console: str
    control: str
    prometheus: str
    alertmanager: str
    errors: str | None = None
    grafana: str | None = None
    logstore: str | None = None


class StackStatus(BaseModel):
    """The whole of `pharos status --json`."""

    model_config = ConfigDict(frozen=True)

    ready: bool
    components: list[Component]
    replicas: list[Replica]
    urls: Urls


class Signal(StrEnum):
    """What a process action may send; the field's names, not numbers."""

    KILL = "KILL"
    TERM = "TERM"
    STOP = "STOP"
    CONT = "CONT"


class DriverError(Exception):
    """An action was not done; the message names the target and the remedy."""


class DriverUnavailableError(DriverError):
    """Whatever performs actions cannot be reached; nothing was done."""


class UnknownTargetError(DriverError):
    """No such role or replica."""


class StaleTargetError(DriverError):
    """The replica's process is no longer the one that was aimed at; nothing was done."""


class CountOutOfBoundsError(DriverError):
    """The wanted number of replicas is outside the role's bounds."""


class LastReplicaError(DriverError):
    """Without this replica nobody would serve; nothing was done."""


class Bounds(BaseModel):
    """How many replicas a role may have, both ends included."""

    model_config = ConfigDict(frozen=True)

    minimum: int
    maximum: int


class Driver(Protocol):
    """Blocking calls; each raises DriverError or a subclass of it."""

    def status(self) -> StackStatus:
        """Return every component and replica as it is now."""

    def bounds(self, role: str) -> Bounds:
        """Return how far `role` can be scaled."""

    def desired(self, role: str) -> int:
        """Return the number of replicas that is being held for `role`."""

    def scale(self, role: str, count: int) -> None:
        """Hold `count` replicas of `role` from now on; returns before they serve."""

    def signal(self, replica_id: str, signal: Signal, expected_pid: int) -> None:
        """Send `signal` to a replica, only if it still runs as `expected_pid`."""

    def quarantine(self, replica_id: str) -> None:
        """Take an api replica out of the gateway, alive; never the last that serves."""

    def release(self, replica_id: str) -> None:
        """Let a replica back into the gateway; one that is not quarantined stays as it is."""
