"""Which guards each profile has: the one table of it, and asking them.

A game day is announced, watched and led by an admin. It leaves out what its own drills
disturb, a page that fires and the budget that they take, and keeps all else. What a
guard cannot tell refuses as well, under either profile: nothing is broken on purpose
where nobody can see.
"""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta

from console.control.errors import GuardsRefusedError, UnavailableError
from console.control.services.guards.guard import Answer, Asked, Guard, unknown
from console.guard_schemas import GuardAnswer, GuardAnswers, GuardName
from console.schemas import GuardProfile
from deploy.driver import DriverError

PROFILES: Mapping[GuardProfile, tuple[GuardName, ...]] = {
    "standard": (
        "environment",
        "halt",
        "overlap",
        "needs",
        "freeze-window",
        "page-firing",
        "budget-left",
        "blast-radius",
        "headroom",
    ),
    "game-day": (
        "environment",
        "halt",
        "overlap",
        "needs",
        "freeze-window",
        "blast-radius",
        "headroom",
    ),
}
LOOK_SECONDS = 0.5
AWAY = "`pharos status` tells which part is away; `pharos up` starts it again."


class Guards:
    """Every guard by its name; those that cannot tell are asked again for `patience`."""

    def __init__(self, guards: Mapping[GuardName, Guard], patience: timedelta) -> None:
        self._guards = guards
        self._patience = patience.total_seconds()

    def ask(self, asked: Asked) -> GuardAnswers:
        """Return what each guard of the profile says; they ask others, so all at once."""
        names = PROFILES[asked.profile]
        with ThreadPoolExecutor(len(names)) as pool:
            asking = [pool.submit(copy_context().run, self._answer, name, asked) for name in names]
            answers = [each.result() for each in asking]
        return GuardAnswers(
            experiment=asked.experiment.name,
            profile=asked.profile,
            allowed=all(each.answer == "ok" for each in answers),
            guards=answers,
        )

    def require(self, asked: Asked) -> None:
        """Return when the drill may start.

        Raises:
            GuardsRefusedError: with every answer that keeps it from starting.
        """
        deadline = time.monotonic() + self._patience
        while not (said := self.ask(asked)).allowed:
            refusing = [each for each in said.guards if each.answer != "ok"]
            surely = any(each.answer == "refused" for each in refusing)
            if surely or time.monotonic() >= deadline:
                raise GuardsRefusedError(refusing)
            time.sleep(LOOK_SECONDS)

    def _answer(self, name: GuardName, asked: Asked) -> GuardAnswer:
        said = _told(self._guards[name], asked)
        return GuardAnswer(guard=name, answer=said.answer, reason=said.reason, remedy=said.remedy)


def _told(guard: Guard, asked: Asked) -> Answer:
    try:
        return guard(asked)
    except (UnavailableError, DriverError) as error:
        return unknown(str(error), AWAY)
