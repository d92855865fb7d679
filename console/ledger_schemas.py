"""The shapes of the ledger, as `pharos chaos ledger --json` prints it."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

Standing = Literal["proven", "expired", "changed", "never proven"]


class Proof(BaseModel):
    """One rule was seen to go its whole way: fire, be delivered, resolve."""

    rule: str
    alert: str
    severity: str
    at: AwareDatetime
    run: str
    experiment: str
    how: Literal["live", "tipped"]
    fires_seconds: float
    delivered_seconds: float
    resolved_seconds: float


class LedgerRow(BaseModel):
    """An alert rule as it is loaded, and the last proof that there is of it.

    `unprovable` says why no drill can make it fire on one machine.
    """

    alert: str
    severity: str
    rule: str
    state: Standing
    proof: Proof | None = None
    unprovable: str | None = None
