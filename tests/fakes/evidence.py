"""Believable answers about drills: of guards, of leases that are held, of the ledger."""

from datetime import UTC, datetime, timedelta
from typing import Any

from backend.schemas.faults import State as FaultState
from console.guard_schemas import GuardAnswer, GuardAnswers
from console.ledger_schemas import LedgerRow, Proof, Standing
from console.schemas import GuardProfile
from deploy.faults.inventory import HeldFault


def guards(name: str, profile: GuardProfile, against: list[GuardAnswer]) -> GuardAnswers:
    """Every guard is content but those that are `against`."""
    content = GuardAnswer(guard="halt", answer="ok", reason="The halt switch is off.")
    return GuardAnswers(
        experiment=name, profile=profile, allowed=not against, guards=[content, *against]
    )


def held_fault(place: str = "api-1") -> HeldFault:
    now = datetime.now(UTC)
    return HeldFault(
        place=place,
        id="20261122T101500-a1b2",
        kind="latency",
        target=None,
        arguments={},
        lease_seconds=30,
        injected_at=now,
        expires_at=now + timedelta(seconds=24),
        expires_in_seconds=24,
        state=FaultState.ACTIVE,
        detail="adds 0.5 s to 20 % of the requests",
    )


def ledger_row(alert: str, state: Standing, **more: Any) -> LedgerRow:
    return LedgerRow(alert=alert, severity="page", rule="5ad", state=state, **more)


def proof(alert: str, days: float) -> Proof:
    return Proof(
        rule="5ad",
        alert=alert,
        severity="page",
        at=datetime.now(UTC) - timedelta(days=days),
        run="20261122T101500-a1b2",
        experiment="kill-replica",
        how="live",
        fires_seconds=24.1,
        delivered_seconds=25.3,
        resolved_seconds=19.8,
    )
