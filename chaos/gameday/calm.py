"""Waits between two drills until the stack is as the next one needs it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chaos.client import ControlClient, ControlError
from chaos.errors import BlindError
from chaos.gameday.agenda import PROFILE, Item
from chaos.gameday.paging import SETTLING_SECONDS, may_page_yet
from chaos.signals.sources import Sources
from deploy.driver import ComponentState, Driver, DriverError, StackStatus

# The guard whose refusal passes by itself. Whatever else refuses is for somebody to decide.
PASSING = "headroom"
# Signals look back less than half of this. What holds longer is not what the last drill left.
FORGETTING_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Calm:
    """All that is wanted is ready, no drill runs, and what is to fire or stay silent is silent.

    After an outage an objective's alerts go on for half an hour and longer. They are waited for
    only where the next drill is to prove them, because one that fires already proves nothing. A
    page that goes on is no news to a drill of which nobody is to be paged; one that is still to
    come of the drill before would be, so it is given the time to. What is to be tipped fires
    elsewhere, over a history that the drill writes anew. A drill of a busy core leaves too little
    headroom for the next until the rate that it is counted from has forgotten it.
    """

    driver: Driver
    sources: Sources
    client: ControlClient
    patience: float = 600.0
    poll: float = 2.0

    def wait(self, item: Item, halted: Callable[[], bool]) -> list[str]:
        """Return what is still in the way after `patience` seconds; nothing once it is calm.

        Nobody waits on once it is `halted`, which is asked before each look.
        """
        begun = time.monotonic()
        deadline = begun + self.patience
        left: list[str] = []
        while not halted():
            left = list(self._disturbed(item, time.monotonic() - begun))
            if not left or time.monotonic() >= deadline:
                break
            time.sleep(self.poll)
        return left

    def _disturbed(self, item: Item, waited: float) -> Iterator[str]:
        try:
            yield from (f"drill {run} runs" for run in self.client.state().drills_running)
            yield from _unready(self.driver.status())
            yield from self._alerts(item)
            yield from self._refusals(item)
            if item.unpaged and waited < SETTLING_SECONDS and self.sources.holds(may_page_yet()):
                yield "an objective was missed a moment ago, and may still page"
            if waited < FORGETTING_SECONDS:
                yield from self._moved(item)
        except (ControlError, DriverError, BlindError) as error:
            yield str(error)

    def _alerts(self, item: Item) -> Iterator[str]:
        awaited = {each.alert for each in item.expects if each.how == "live"}
        for alert in self.sources.rule_alerts():
            # What always fires, and so has no severity, is in nobody's way.
            if alert.name in awaited and alert.severity != "none":
                yield f"{alert.name} {'fires' if alert.firing else 'is pending'}"

    def _moved(self, item: Item) -> Iterator[str]:
        for signal in item.metrics:
            if self.sources.holds(signal.metric):
                yield f"{signal.told} already"

    def _refusals(self, item: Item) -> Iterator[str]:
        for guard in self.client.guards(item.name, PROFILE).guards:
            if guard.guard == PASSING and guard.answer != "ok":
                yield f"{guard.guard}: {guard.reason}"


def _unready(status: StackStatus) -> list[str]:
    if status.ready:
        return []
    parts = [each.name for each in status.components if each.state is not ComponentState.READY]
    replicas = [each.id for each in status.replicas if not each.ready]
    return [f"{name} is not ready" for name in (*parts, *replicas)] or ["the stack is not ready"]
