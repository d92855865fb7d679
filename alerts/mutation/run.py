"""One mutation run, from the files of the room to the lines that are printed."""

from collections.abc import Callable, Iterator

from alerts.mutation.equivalents import BadEquivalentsError, load_equivalents
from alerts.mutation.judging import UnknownRuleError, every_mutant, judge, sampled
from alerts.mutation.rules import Room
from alerts.mutation.trial import Outcome, UnprovedError, try_all
from alerts.mutation.wording import operator_lines, verdict_lines
from deploy.local.acquire import Programs

__all__ = ["WRONG", "UnprovedError", "mutate", "operator_lines"]

# What the caller, or the list of equivalents, got wrong.
WRONG = (BadEquivalentsError, UnknownRuleError)
Tell = Callable[[str], None]


def _told(outcomes: Iterator[Outcome], tell: Tell) -> Iterator[Outcome]:
    for outcome in outcomes:
        tried = len(outcome.killed) + len(outcome.survived)
        tell(f"{outcome.rule.name}: {len(outcome.killed)} of {tried} killed")
        yield outcome


def mutate(
    programs: Programs, only: list[str], most: int, seed: int, tell: Tell
) -> tuple[bool, list[str]]:
    """Try the rules' mutants, at most `most` of each (0: all); return whether none is left over.

    `tell` hears of each rule when it is done.

    Raises:
        UnknownRuleError: there is no such rule.
        BadEquivalentsError: the list cannot be read.
        UnprovedError: a rule's tests fail before anything is broken, or were not run to their end.
    """
    room, listed = Room.load(), load_equivalents()
    every = every_mutant(room, only)
    wanted = sampled(every, most, seed) if most else every
    outcomes = _told(try_all(room, wanted, programs), tell)
    verdict = judge(room, every, outcomes, listed)
    return verdict.passed, list(verdict_lines(verdict, room))
