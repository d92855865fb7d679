"""The driver protocol: what the console may ask of whatever runs the product.

Local processes, containers and Kubernetes each implement it; one set of
contract tests holds for all, the fake included.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

# A drain is to come to its end, a quarantine keeps a replica to look at.
AsideKind = Literal["drain", "quarantine"]
# The most that a drain with an end may last, in seconds: a day.
LONGEST_DRAIN = 86_400.0


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


class Note(BaseModel):
    """Who wants something, and why."""

    model_config = ConfigDict(frozen=True)

    by: str
    reason: str


class Aside(BaseModel):
    """Why a replica gets nothing from the gateway although it lives.

    `until` is null where it lasts until somebody releases it. `in_flight` is how many
    requests it is still answering; null when that is not known.
    """

    model_config = ConfigDict(frozen=True)

    kind: AsideKind
    by: str
    reason: str
    since: datetime
    until: datetime | None = None
    in_flight: int | None = None


class Replica(BaseModel):
    """One process of the product; addresses are `host:port`.

    One that is put aside lives and may be ready, and gets nothing from the gateway.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    role: str
    pid: int | None = None
    address: str | None = None
    ops_address: str
    ready: bool
    aside: Aside | None = None

    @property
    def serves(self) -> bool:
        """True when the gateway sends it requests, if it answers any."""
        return self.ready and self.aside is None


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


class DriverError(Exception):
    """An action was not done, or not seen to be; the message names the target and the remedy."""


class DriverUnavailableError(DriverError):
    """Whatever performs actions cannot be reached; nothing was done."""


class UnansweredError(DriverError):
    """It was asked for, and no answer came: whether it was done is not known."""


class UnknownTargetError(DriverError):
    """No such role or replica."""


class StaleTargetError(DriverError):
    """The replica's process is no longer the one that was aimed at; nothing was done."""


class CountOutOfBoundsError(DriverError):
    """The wanted number of replicas is outside the role's bounds."""


class LastReplicaError(DriverError):
    """Without this replica nobody would serve; nothing was done."""


class AlreadyAsideError(DriverError):
    """The replica was put aside by somebody, for longer; nothing was done."""


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

    def restart(self, replica_id: str, expected_pid: int) -> None:
        """Let a replica end what it has in hand, so that another process takes its place.

        Only if it still runs as `expected_pid`; returns before it has ended. One that does
        not end in time is killed.
        """

    def drain(self, replica_id: str, note: Note, seconds: float | None = None) -> None:
        """Take an api replica out of the gateway; never the last that serves.

        It is let back by itself after `seconds`, at most a day, whoever dies; null: when it is
        released. Once more prolongs it.
        """

    def quarantine(self, replica_id: str, note: Note) -> None:
        """Take an api replica out of the gateway to look at it; never the last that serves."""

    def release(self, replica_id: str) -> None:
        """Let a replica back into the gateway; one that is not put aside stays as it is."""
