"""What a guard is: it is asked about one experiment, and answers with numbers and a remedy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from console.schemas import Experiment, GuardProfile


@dataclass(frozen=True, slots=True)
class Asked:
    """Which experiment would start, under which profile; `running` are the drills that go on."""

    experiment: Experiment
    profile: GuardProfile
    running: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """`remedy` is null where nothing has to be done."""

    answer: Literal["ok", "refused", "unknown"]
    reason: str
    remedy: str | None = None


# Raises UnavailableError, or the driver's DriverError, where it cannot tell.
Guard = Callable[[Asked], Answer]


def ok(reason: str) -> Answer:
    return Answer("ok", reason)


def refused(reason: str, remedy: str) -> Answer:
    return Answer("refused", reason, remedy)


def unknown(reason: str, remedy: str) -> Answer:
    return Answer("unknown", reason, remedy)
