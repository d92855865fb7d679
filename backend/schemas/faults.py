"""Faults under a lease: the shapes that every place which can be made to fail answers to.

Four verbs: inject (`POST /v1/faults` with an `Injection`), renew (`POST
/v1/faults/{id}/renewal`), revert (`DELETE /v1/faults/{id}`, or of all of them)
and read back (`GET /v1/faults`). A fault ends when its lease does, by the clock
of where it is, whoever asked for it. Times are seconds.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

SHORTEST_LEASE, DEFAULT_LEASE, LONGEST_LEASE = 1.0, 30.0, 300.0

# The caller's own: who asks again under the same id renews, and never doubles a fault.
FaultId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Lease = Annotated[float, Field(ge=SHORTEST_LEASE, le=LONGEST_LEASE)]


class Strict(BaseModel):
    """A shape that a typing error in a name does not slip through."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Injection(Strict):
    """What is asked for; each kind has a subclass that adds `kind` and `arguments`.

    `target` is the replica, component or upstream that is meant; None where the
    place that is asked can only mean itself.
    """

    id: FaultId
    target: str | None = None
    lease_seconds: Lease = DEFAULT_LEASE


class Renewal(Strict):
    """How long the fault shall last from now on."""

    lease_seconds: Lease = DEFAULT_LEASE


class State(StrEnum):
    """A fault is `stuck` when its undo has not come to an end in the time that it should take."""

    ACTIVE = "active"
    REVERTING = "reverting"
    STUCK = "stuck"


class Fault(BaseModel):
    """One fault as it is read back; `detail` says in words what it does at this moment.

    `own_requests` counts the requests that it sent itself and that were answered as they
    should be: no user sent them.
    """

    id: str
    kind: str
    target: str | None
    arguments: dict[str, Any]
    lease_seconds: float
    injected_at: AwareDatetime
    expires_at: AwareDatetime
    expires_in_seconds: float
    state: State
    detail: str
    own_requests: int = 0


class Faults(BaseModel):
    """Everything that is injected; `residue` says what is left although no lease holds it."""

    faults: list[Fault]
    residue: list[str]


class Reverted(BaseModel):
    """The ids of what a revert of everything ended."""

    reverted: list[str]
