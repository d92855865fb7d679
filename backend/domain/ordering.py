"""What to do with a delivered event: decided here, without a database or a broker.

A user's events carry gapless sequences. `place` compares a sequence with how
far that user's stream has been applied; `after_failure` says what becomes of an
event whose handling failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Apply:
    """Its turn has come."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """It was dealt with before; it must have no effect."""


@dataclass(frozen=True, slots=True)
class Defer:
    """A predecessor is still on its way."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after `delay` seconds; its successors wait meanwhile."""

    delay: float


@dataclass(frozen=True, slots=True)
class Dead:
    """Give it up, and let its successors go on."""

    reason: str


Placement = Apply | Duplicate | Defer


def place(sequence: int, applied: int) -> Placement:
    """Place an event of `sequence` in a stream that has been applied up to `applied`."""
    if sequence <= applied:
        return Duplicate()
    return Apply() if sequence == applied + 1 else Defer()


def after_failure(attempts: int, delays: Sequence[float], reason: str) -> Retry | Dead:
    """Decide on an event that has failed `attempts` times, this one included (from 1).

    `delays` are the seconds before the second, third, … attempt.
    """
    if attempts <= len(delays):
        return Retry(delays[attempts - 1])
    return Dead(f"failed {attempts} times, last: {reason}")
