"""The words of `pharos alerts mutate`: operators, each survivor with its difference, a sum."""

from collections.abc import Iterator
from difflib import unified_diff

import yaml

from alerts.mutation.judging import Verdict
from alerts.mutation.mutants import RULE_OPERATORS, Mutant
from alerts.mutation.operators import OPERATORS
from alerts.mutation.rules import Room


def operator_lines() -> Iterator[str]:
    """Yield the published list of operators, one a line."""
    words = {operator.name: operator.words for operator in OPERATORS} | RULE_OPERATORS
    width = max(map(len, words))
    yield from (f"{name:{width}}  {what}" for name, what in words.items())


def verdict_lines(verdict: Verdict, room: Room) -> Iterator[str]:
    """Yield what a run has shown: survivors first, the sum last."""
    for mutant in verdict.unexplained:
        yield from survivor_lines(mutant, room)
    yield from verdict.broken
    yield from verdict.few
    yield (
        f"{verdict.tried} mutants: {verdict.killed} killed, {verdict.explained} equivalent, "
        f"{len(verdict.unexplained)} survived"
    )


def survivor_lines(mutant: Mutant, room: Room) -> Iterator[str]:
    """Yield a survivor's name, as equivalents.yaml would list it, and the rule's difference."""
    whole = next(rule.content for rule in room.rules if rule.name == mutant.rule)
    yield f"survived: {mutant.rule}: {mutant.operator}: {mutant.change}"
    before, after = (_text(content).splitlines() for content in (whole, mutant.content))
    yield from (f"    {line}" for line in list(unified_diff(before, after, lineterm="", n=1))[2:])


def _text(content: dict[str, object]) -> str:
    shown = {name: value for name, value in content.items() if name != "annotations"}
    expression = str(shown.pop("expr")).strip()
    return f"{yaml.safe_dump(shown, sort_keys=False)}{expression}"
