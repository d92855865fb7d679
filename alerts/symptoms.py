"""What hides what: while a cause is told, its symptoms are not told as well.

The one table of causes and symptoms beside the rules' own labels; Alertmanager's
inhibit rules are made from it. An alert of an objective is nobody's symptom here:
it says what users feel, and that is never kept quiet. A drill's alerts hide no others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CAUSE = "ComponentDown"


@dataclass(frozen=True, slots=True)
class Symptom:
    """An alert, as far as `where` (Alertmanager's matchers beside its name) holds."""

    alert: str
    where: tuple[str, ...] = ()


# A rule names the one component whose death explains it by its label `component`. Here stands
# what else explains it: component, as ComponentDown's label names it → alerts that follow.
SYMPTOMS: Mapping[str, tuple[Symptom, ...]] = {
    "postgres": (Symptom("OutboxAgeing"),),
    "rabbitmq": (Symptom("QueueWithoutConsumer"),),
}


def inhibit_rules() -> list[dict[str, Any]]:
    """Return Alertmanager's inhibit rules (format: its configuration, 0.22 and later)."""
    return [*_page_over_ticket(), *_component_over_symptoms()]


def _page_over_ticket() -> list[dict[str, Any]]:
    page, ticket = 'severity="page"', 'severity="ticket"'
    return [
        _rule([page], [ticket], "alertname", "component", "role", "team"),
        # An objective's page and ticket may bear different names: the objective is the same.
        _rule([page, 'slo!=""'], [ticket, 'slo!=""'], "slo", "team"),
    ]


def _component_over_symptoms() -> list[dict[str, Any]]:
    cause, other = f'alertname="{CAUSE}"', f'alertname!="{CAUSE}"'
    pairs = [([cause], [other, 'component!=""'], ["component"])]
    pairs += [
        ([cause, f'component="{component}"'], [f'alertname="{symptom.alert}"', *symptom.where], [])
        for component, symptoms in SYMPTOMS.items()
        for symptom in symptoms
    ]
    # A cause that is worked on within days hides nobody's page.
    return [
        _rule([*source, *urgent], [*target, *hidden], *equal)
        for source, target, equal in pairs
        for urgent, hidden in (
            (['severity="page"'], []),
            (['severity!="page"'], ['severity!="page"']),
        )
    ]


def _rule(source: list[str], target: list[str], *equal: str) -> dict[str, Any]:
    return {"source_matchers": source, "target_matchers": target, "equal": ["drill", *equal]}
