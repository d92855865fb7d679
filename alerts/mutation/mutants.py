"""Breaks rules: from a rule to all its mutants, each a rule that differs in one place.

Needs promql-parser, which comes with the development packages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import promql_parser

from alerts.mutation.operators import OPERATORS, Operator
from alerts.mutation.rules import Loaded
from alerts.tokens import duration

Changes = Iterator[tuple[str, Any]]
CONTEXT = 24
SEVERITIES = {"page": "ticket", "ticket": "page", "none": "ticket"}
TEAMS = {"product": "platform", "platform": "product"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken rule; `change` says what was done, and is its own within rule and operator."""

    rule: str
    operator: str
    change: str
    content: dict[str, Any]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.rule, self.operator, self.change


# What is done to the rest of a rule, in words.
RULE_OPERATORS = {
    "for": "`for` and `keep_firing_for` halved, doubled, zero; zero becomes a minute",
    "label": "another severity or team; of a recording, another label's value",
}


def mutants(rule: Loaded) -> list[Mutant]:
    """Return every mutant of a rule that is a different rule."""
    found: list[Mutant] = []
    seen = {_normal(rule.expr)}
    for operator in OPERATORS:
        for expression in operator.breaks(rule.expr):
            normal = _normal(expression)
            if normal is not None and normal not in seen:
                seen.add(normal)
                change = _change(rule.expr, expression)
                found.append(_mutant(rule, operator, change, {"expr": expression}))
    for name, changes in (("for", _holds(rule.content)), ("label", _labels(rule.content))):
        operator = Operator(name, RULE_OPERATORS[name], lambda _: iter(()))
        found += [_mutant(rule, operator, change, content) for change, content in changes]
    return _told_apart(found)


def _mutant(rule: Loaded, operator: Operator, change: str, content: dict[str, Any]) -> Mutant:
    return Mutant(rule.name, operator.name, change, {**rule.content, **content})


def _normal(expression: str) -> str | None:
    """Return an expression as the parser writes it, so that layout is no difference."""
    try:
        return str(promql_parser.parse(expression))
    except ValueError:
        return None


def _change(before: str, after: str) -> str:
    """Return where two expressions differ, with some of what stands around it."""
    old, new = " ".join(before.split()), " ".join(after.split())
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    most = shortest - head
    tail = next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)
    begin, rest = max(head - CONTEXT, 0), max(tail - CONTEXT, 0)
    return f"{old[begin : len(old) - rest]} -> {new[begin : len(new) - rest]}"


def _holds(content: dict[str, Any]) -> Changes:
    for field in ("for", "keep_firing_for"):
        if field in content:
            held = duration(content[field])
            others = (held // 2, held * 2, 0) if held else (60_000,)
            for other in others:
                yield f"{field}: {content[field]} -> {other}ms", {field: f"{other}ms"}


def _labels(content: dict[str, Any]) -> Changes:
    labels: dict[str, str] = content.get("labels", {})
    for name, value in labels.items():
        table = {"severity": SEVERITIES, "team": TEAMS}.get(name, {})
        other = table.get(value, f"{value}x")
        yield f"{name}: {value} -> {other}", {"labels": {**labels, name: other}}


def _told_apart(found: list[Mutant]) -> list[Mutant]:
    """Number those that look alike within a rule and operator."""
    counted: dict[tuple[str, str, str], int] = {}
    apart = []
    for mutant in found:
        number = counted[mutant.key] = counted.get(mutant.key, 0) + 1
        change = mutant.change if number == 1 else f"{mutant.change} ({number})"
        apart.append(Mutant(mutant.rule, mutant.operator, change, mutant.content))
    return apart
