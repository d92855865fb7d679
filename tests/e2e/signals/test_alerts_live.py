"""Failures, one a component, made on the real stack at once: each is told of, and ends.

None is in another's way: the control service and everything that evaluates and
delivers alerts stay whole, and the worker goes on, which buries the dead letter.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext

import pytest

from console.schemas import Alert
from tests.e2e.failing import Failure, await_alert, await_end, dead_letter, paused
from tests.fixtures.running import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.breaks_stack]

# Patience: a scrape that a slow machine misses begins the wait of a rule anew.
FIRE_SECONDS, RESOLVE_SECONDS = 180, 180


def pausing(component: str) -> Callable[[RunningStack], AbstractContextManager[None]]:
    return lambda stack: paused(stack.component(component).pid)


def pausing_a_replica(stack: RunningStack) -> AbstractContextManager[None]:
    return paused(stack.replicas()[-1].pid)


FAILURES = {
    "a replica hangs": Failure(pausing_a_replica, "ReplicaDown", {"role": "api"}),
    "the relay hangs": Failure(pausing("relay"), "OutboxAgeing", {"severity": "page"}),
    "the cache hangs": Failure(pausing("redis"), "ComponentDown", {"component": "redis"}),
    "the gateway hangs": Failure(pausing("gateway"), "ComponentDown", {"component": "gateway"}),
    # The other failures are made by hand: no lease holds them.
    "a fault is left behind": Failure(lambda _: nullcontext(), "FaultLeftBehind", {}),
    "a message is unreadable": Failure(dead_letter, "DeadLetters", {"severity": "ticket"}),
}


@pytest.fixture(scope="module")
def fired(stack: RunningStack) -> Iterator[tuple[ExitStack, Mapping[str, Alert]]]:
    """Make all failures and return what reached the control service, with the way to end them."""
    stack.wait_until_ready()
    with ExitStack() as failures:
        for failure in FAILURES.values():
            failures.enter_context(failure.make(stack))
        yield (
            failures,
            {what: await_alert(stack, failure, FIRE_SECONDS) for what, failure in FAILURES.items()},
        )
    stack.wait_until_ready()


@pytest.mark.parametrize("what", FAILURES)
def test_a_failure_reaches_the_control_service_as_its_alert(
    fired: tuple[ExitStack, Mapping[str, Alert]], what: str
) -> None:
    alert = fired[1][what]
    assert alert.runbook_url == f"alerts/runbooks/{alert.name}.md"
    assert alert.summary
    assert "<no value>" not in alert.summary + alert.description


@pytest.mark.parametrize("what", FAILURES)
def test_the_alert_ends_when_the_failure_does(
    stack: RunningStack, fired: tuple[ExitStack, Mapping[str, Alert]], what: str
) -> None:
    failures, alerts = fired
    failures.close()
    ended = await_end(stack, alerts[what], RESOLVE_SECONDS)
    assert ended.ends_at is not None
    assert ended.ends_at > ended.starts_at
