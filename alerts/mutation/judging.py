"""Judges a mutation run: what survived and is not explained, and explanations that are none."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from alerts.mutation.equivalents import Equivalent
from alerts.mutation.mutants import Mutant, mutants
from alerts.mutation.rules import Room
from alerts.mutation.trial import Outcome

FEWEST = 5


class UnknownRuleError(Exception):
    """A rule was asked for that there is not."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`unexplained` survivors and `broken` lines of the list each fail a run."""

    tried: int
    killed: int
    explained: int
    unexplained: list[Mutant]
    broken: list[str]
    few: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.unexplained and not self.broken


def every_mutant(room: Room, only: Iterable[str] = ()) -> dict[str, list[Mutant]]:
    """Return the mutants of each rule by its name, or of those rules alone.

    Raises:
        UnknownRuleError: there is no rule of such a name.
    """
    wanted = set(only)
    unknown = wanted - {rule.name for rule in room.rules}
    if unknown:
        raise UnknownRuleError(f"there is no rule {', '.join(sorted(unknown))}: see alerts/rules")
    return {rule.name: mutants(rule) for rule in room.rules if not wanted or rule.name in wanted}


def sampled(every: dict[str, list[Mutant]], most: int, seed: int) -> dict[str, list[Mutant]]:
    """Return up to `most` mutants a rule; the same ones for the same seed and rule."""
    return {
        rule: random.Random(f"{seed} {rule}").sample(found, min(most, len(found)))  # noqa: S311
        for rule, found in every.items()
    }


def judge(
    room: Room,
    every: dict[str, list[Mutant]],
    outcomes: Iterable[Outcome],
    listed: list[Equivalent],
) -> Verdict:
    """Hold what survived against the list; an entry is broken if it is killed or does not exist.

    `every` has all mutants of the rules that were asked for, tried or not.
    """
    ended = list(outcomes)
    killed = {mutant.key for outcome in ended for mutant in outcome.killed}
    survived = [mutant for outcome in ended for mutant in outcome.survived]
    explained = {entry.key for entry in listed}
    unexplained = [mutant for mutant in survived if mutant.key not in explained]
    return Verdict(
        tried=len(killed) + len(survived),
        killed=len(killed),
        explained=len(survived) - len(unexplained),
        unexplained=unexplained,
        broken=list(_broken(room, every, killed, listed)),
        few=[
            f"{rule} has only {len(found)} mutants"
            for rule, found in every.items()
            if len(found) < FEWEST
        ],
    )


def _broken(
    room: Room,
    every: dict[str, list[Mutant]],
    killed: set[tuple[str, str, str]],
    listed: list[Equivalent],
) -> Iterator[str]:
    elsewhere = {rule.name for rule in room.rules} - every.keys()
    existing = {mutant.key for found in every.values() for mutant in found}
    for entry in listed:
        words = f"equivalents.yaml: {entry.rule}: {entry.operator}: {entry.change}"
        if entry.rule not in elsewhere and entry.key not in existing:
            yield f"{words}: there is no such mutant: remove the entry"
        elif entry.key in killed:
            yield f"{words}: it is killed, so it is not equivalent: remove the entry"
