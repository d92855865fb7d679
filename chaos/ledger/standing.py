"""How each rule stands today: proven, or why not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from alerts.rulebook import Rule
from chaos.ledger.proofs import Proof, fingerprint

LASTS = timedelta(days=30)


class State(StrEnum):
    PROVEN = "proven"
    EXPIRED = "expired"
    CHANGED = "changed"
    NEVER = "never proven"


class Standing(BaseModel):
    """One rule; `proof` is the last there is, of the rule as it was where it was changed since.

    `unprovable` says why no drill can make it fire on one machine.
    """

    model_config = ConfigDict(frozen=True)

    alert: str
    severity: str
    rule: str
    state: State
    proof: Proof | None = None
    unprovable: str | None = None


def standings(rules: Sequence[Rule], proofs: Sequence[Proof], now: datetime) -> list[Standing]:
    """Return each rule's standing, in the rules' order; `proofs` are oldest first."""
    return [_standing(rule, proofs, now) for rule in rules]


def _standing(rule: Rule, proofs: Sequence[Proof], now: datetime) -> Standing:
    mark = fingerprint(rule)
    name = (rule.alert, rule.labels.severity)
    named = [proof for proof in proofs if (proof.alert, proof.severity) == name]
    same = [proof for proof in named if proof.rule == mark]
    state, proof = State.NEVER, None
    if same:
        proof = same[-1]
        state = State.PROVEN if now - proof.at <= LASTS else State.EXPIRED
    elif named:
        state, proof = State.CHANGED, named[-1]
    return Standing(
        alert=rule.alert, severity=rule.labels.severity, rule=mark, state=state, proof=proof
    )
