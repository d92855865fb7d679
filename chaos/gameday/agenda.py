"""What a game day is to run, and which alerts that is to prove."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from alerts.rulebook import Rule
from chaos.journal import utc_now
from chaos.runner.experiments import Plan
from chaos.schemas import GuardProfile
from chaos.signals.expected import ANY_PAGE, ExpectedAlert, ExpectedMetric, ExpectedSilence, How

# A drill of an objective's alert spends what the stack's age makes it spend, so it comes while that
# is young; one that takes long at any age comes after the others. What spends far more leaves
# alerts that go on for half an hour, so it comes at the end.
FIRST, LONG, LAST = "objectives", "long", "burns-budget"

PROFILE: GuardProfile = "game-day"


class AgendaError(Exception):
    """Nothing, or something unknown, was asked for; the message says what there is."""


class Expects(BaseModel):
    """An alert that an experiment is to prove; without a severity its name is enough."""

    model_config = ConfigDict(frozen=True)

    alert: str
    severity: str | None = None
    how: How = "live"

    def speaks_of(self, rule: Rule) -> bool:
        return self.alert == rule.alert and self.severity in {None, rule.labels.severity}


class Item(BaseModel):
    """One experiment of a game day, as it was when that began.

    `metrics` are those that it is to move. `unpaged`: it says that nobody is to be paged meanwhile.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    needs: list[str] = []
    expects: list[Expects] = []
    metrics: list[ExpectedMetric] = []
    unpaged: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """A game day that is to be. `whole`: it is to prove every alert that there is."""

    name: str
    items: Sequence[Item]
    reason: str
    whole: bool = False
    rate: float | None = None


def new_name() -> str:
    """Return `YYYYMMDDTHHMMSS-xxxx`, in UTC."""
    return f"{utc_now():%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"


def chosen(plans: Sequence[Plan], names: Collection[str], tags: Collection[str]) -> list[Item]:
    """Return the experiments of these names or tags, all without any.

    They come in the catalogue's order, but for what is best first or last under one day's traffic.

    Raises:
        AgendaError: a name or a tag is nobody's.
    """
    known = {plan.experiment.name for plan in plans}
    worn = {tag for plan in plans for tag in plan.experiment.tags}
    for kind, wanted, there in (("experiment", names, known), ("tag", tags, worn)):
        if unknown := sorted(set(wanted) - there):
            raise AgendaError(
                f"there is no {kind} {unknown[0]!r}: known are {', '.join(sorted(there)) or 'none'}"
            )
    asked = [
        plan
        for plan in plans
        if not (names or tags)
        or plan.experiment.name in names
        or set(tags) & set(plan.experiment.tags)
    ]
    return [_item(plan) for plan in sorted(asked, key=_turn)]


def _turn(plan: Plan) -> tuple[bool, bool, bool]:
    tags = plan.experiment.tags
    return LAST in tags, FIRST not in tags, LONG in tags


def _item(plan: Plan) -> Item:
    alerts = [signal for signal in plan.signals if isinstance(signal, ExpectedAlert)]
    silences = [signal.silent for signal in plan.signals if isinstance(signal, ExpectedSilence)]
    return Item(
        name=plan.experiment.name,
        needs=plan.experiment.needs,
        expects=[Expects(alert=each.rule, severity=each.severity, how=each.how) for each in alerts],
        metrics=[signal for signal in plan.signals if isinstance(signal, ExpectedMetric)],
        unpaged=ANY_PAGE in silences,
    )
