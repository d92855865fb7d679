"""What a drill proves of alert rules, and how a rule is recognised."""

import hashlib
import json
from collections.abc import Sequence
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from alerts.promql import canonical
from alerts.rulebook import Rule
from alerts.tokens import duration
from chaos.schemas import AlertWay, DrillVerdict, Verdict
from chaos.signals.expected import STANDS_FOR


class Proof(BaseModel):
    """One rule was seen to go its whole way. Seconds as in `chaos.schemas.AlertWay`."""

    model_config = ConfigDict(frozen=True)

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


def fingerprint(rule: Rule) -> str:
    """Return the SHA-256 of what decides when a rule fires and whom it calls.

    That is its expression in one spelling, its `for` in seconds and its labels: another
    wording of its summary is the same rule, and so is the one that Prometheus has loaded.
    """
    decisive = {
        "expr": canonical(rule.expr),
        "for": duration(rule.for_) // 1000,
        "labels": rule.labels.model_dump(mode="json", exclude_none=True),
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def ways_in(verdict: DrillVerdict) -> list[AlertWay]:
    """Return the alerts that a drill saw go as expected: none unless it passed."""
    if verdict.verdict is not Verdict.PASSED:
        return []
    return [report.way for report in verdict.signals if report.met and report.way is not None]


def proofs_in(verdict: DrillVerdict, rules: Sequence[Rule]) -> list[Proof]:
    """Return what a drill proved of these rules, which must be those that are loaded."""
    found = [
        _proof(verdict, way, rule)
        for way in ways_in(verdict)
        for rule in rules
        if _proves(way, rule)
    ]
    return [proof for proof in found if proof is not None]


def _proves(way: AlertWay, rule: Rule) -> bool:
    """What stands for a rule has a severity of its own."""
    if way.alert in STANDS_FOR:
        return rule.alert == STANDS_FOR[way.alert]
    return (rule.alert, rule.labels.severity) == (way.alert, way.severity)


def _proof(verdict: DrillVerdict, way: AlertWay, rule: Rule) -> Proof | None:
    if way.firing is None or way.delivered is None or way.resolved is None:
        return None
    return Proof(
        rule=fingerprint(rule),
        alert=rule.alert,
        severity=rule.labels.severity,
        at=verdict.ended_at,
        run=verdict.run,
        experiment=verdict.experiment,
        how=way.how,
        fires_seconds=way.firing,
        delivered_seconds=way.delivered,
        resolved_seconds=way.resolved,
    )
