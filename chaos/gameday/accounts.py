"""What a game day proved of each alert: live, tipped, not at all and why, or never to be."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from alerts.rulebook import Rule
from chaos.gameday.record import Attempt, GameDay
from chaos.ledger.proofs import Proof, proofs_in
from chaos.runner.unproven import Unproven


class Account(BaseModel):
    """One alert. `why` is for what is not proven; `excused`: no drill can, see unproven.yaml."""

    model_config = ConfigDict(frozen=True)

    alert: str
    severity: str
    state: Literal["live", "tipped", "excused", "not proven"]
    proof: Proof | None = None
    why: str = ""


def accounts(day: GameDay, rules: Sequence[Rule], excused: Sequence[Unproven]) -> list[Account]:
    """Return an account for each rule that the game day was to prove: all, where it was whole."""
    return [
        _account(day, rule, excused)
        for rule in rules
        if day.whole or any(each.speaks_of(rule) for item in day.items for each in item.expects)
    ]


def unaccounted(found: Sequence[Account]) -> list[Account]:
    return [each for each in found if each.state == "not proven"]


def _account(day: GameDay, rule: Rule, excused: Sequence[Unproven]) -> Account:
    name = {"alert": rule.alert, "severity": rule.labels.severity}
    verdicts = [attempt.verdict for attempt in day.attempts if attempt.verdict]
    proofs = [proof for verdict in verdicts for proof in proofs_in(verdict, [rule])]
    if proofs:
        return Account(**name, state=proofs[-1].how, proof=proofs[-1])
    reasons = [each.reason for each in excused if each.speaks_of(rule)]
    if reasons:
        return Account(**name, state="excused", why=reasons[0])
    return Account(**name, state="not proven", why=_why(day, rule))


def _why(day: GameDay, rule: Rule) -> str:
    named = {item.name for item in day.items if any(each.speaks_of(rule) for each in item.expects)}
    tried = [_told(each) for each in day.attempts if each.experiment in named]
    return "; ".join(tried) or "no experiment of this game day expects it"


def _told(attempt: Attempt) -> str:
    verdict = attempt.verdict
    if verdict is None:
        return f"{attempt.experiment} ({attempt.state}): {attempt.why}"
    return f"{attempt.experiment} ({verdict.verdict}): {verdict.reason}"
