"""Slows down whoever guesses passwords: after a few failures, each costs a longer wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlmodel import Session

from console.control.errors import TooManyAttemptsError
from console.control.services.clock import Clock
from console.control.storage import identity
from console.control.storage.database import Database
from console.control.storage.tables import AttemptRow

LONGEST_WAIT = timedelta(minutes=5)
# Failures older than this no longer count.
MEMORY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free. An address may be shared by many people, a name is not."""

    prefix: str
    free: int


BY_NAME = Limit("name:", 3)
BY_ADDRESS = Limit("address:", 20)


def wait_after(failures: int, free: int) -> timedelta:
    """Return how long sign-in stays closed: nothing at first, then 1, 2, 4 … seconds."""
    if failures <= free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - free - 1, 16)), LONGEST_WAIT)


class Attempts:
    """Counts in the file, so that a restart of the service forgets nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, name: str, address: str) -> None:
        """Count this attempt as failed before it is made, so that parallel ones count too.

        Raises:
            TooManyAttemptsError: sign-in is closed for this name or address for now.
        """
        now = self._clock()
        keys = [(BY_NAME, BY_NAME.prefix + name), (BY_ADDRESS, BY_ADDRESS.prefix + address)]
        with self._database.write() as session:
            for limit, key in keys:
                self._refuse_while_closed(session, limit, key, now)
            for _, key in keys:
                self._count(session, key, now)

    def succeeded(self, session: Session, name: str, address: str) -> None:
        """Forget the failures of `name`, and take this attempt off those of `address`."""
        identity.forget_attempts(session, BY_NAME.prefix + name)
        row = identity.attempts(session, BY_ADDRESS.prefix + address)
        if row is not None:
            row.failures = max(row.failures - 1, 0)

    def _refuse_while_closed(self, session: Session, limit: Limit, key: str, now: datetime) -> None:
        row = identity.attempts(session, key)
        if row is None or now - row.last_at > MEMORY:
            return
        left = row.last_at + wait_after(row.failures, limit.free) - now
        if left > timedelta(0):
            seconds = ceil(left.total_seconds())
            raise TooManyAttemptsError(
                f"Too many attempts to sign in: wait {seconds} s, then try again.", seconds, key
            )

    def _count(self, session: Session, key: str, now: datetime) -> None:
        row = identity.attempts(session, key)
        if row is None:
            session.add(AttemptRow(key=key, failures=1, last_at=now))
            return
        row.failures = 1 if now - row.last_at > MEMORY else row.failures + 1
        row.last_at = now
