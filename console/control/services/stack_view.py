"""The stack as last seen: one look a second, shared by everybody who asks."""

import threading
import time
from dataclasses import dataclass, field

from deploy.driver import Driver, DriverError, StackStatus

MAX_AGE = 1.0
# Seconds for which the stack is still looked at after somebody last asked for it.
INTEREST = 10.0


@dataclass(frozen=True, slots=True)
class View:
    """`stack` is null while it cannot be seen; `error` then says why, in words."""

    stack: StackStatus | None = None
    error: str | None = None
    desired: dict[str, int] = field(default_factory=dict)


class StackView:
    """Caches failures as it caches answers: a dead agent is not asked more often."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._looking = threading.Lock()
        self._view: View | None = None
        self._seen_at = 0.0
        self._asked_at = time.monotonic()

    def follow(self) -> None:
        """Look again while there is interest, so that who asks does not wait for the agent."""
        if time.monotonic() - self._asked_at < INTEREST:
            with self._looking:
                self._look()

    def now(self) -> View:
        """Return a view that is at most `MAX_AGE` seconds old.

        While somebody looks, the others get the view before, so that an agent
        that hangs delays one of them at most.
        """
        self._asked_at = time.monotonic()
        fresh = self._fresh()
        if fresh is not None:
            return fresh
        if not self._looking.acquire(blocking=self._view is None):
            return self._view or View()
        try:
            return self._fresh() or self._look()
        finally:
            self._looking.release()

    def _fresh(self) -> View | None:
        return self._view if time.monotonic() - self._seen_at < MAX_AGE else None

    def _look(self) -> View:
        try:
            stack = self._driver.status()
            roles = sorted({replica.role for replica in stack.replicas})
            view = View(stack=stack, desired={role: self._driver.desired(role) for role in roles})
        except DriverError as error:
            view = View(error=str(error))
        self._view, self._seen_at = view, time.monotonic()
        return view
