"""Turns what the driver raises into the product's own errors, in one place."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.domain.errors import DatabaseBusyError, DatabaseUnavailableError
from backend.observability.catalogue import DB_ERRORS
from backend.observability.metrics import Instruments

# All that the engine and the driver raise. An InternalClientError is what a statement meets
# on a connection to which the server has just said goodbye.
RAISED = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
# SQLSTATEs that say something of the server's state and nothing of our statement.
_CLASSES = ("08", "53", "57", "58")  # connection, resources, operator intervention, system
_STATES = {
    "25006",  # read-only transaction: a standby
    "25P03",  # idle in transaction for too long: this process was paused
    "3D000",  # the database is not there (yet)
    "42P01",  # a table is not there yet: a migration is still to run
}  # fmt: skip
_BUSY = {
    "55P03",  # lock not available in time
    "57014",  # the statement took too long
    "40001", "40P01",  # serialization failure, deadlock: nothing was done
}  # fmt: skip


def drivers_own(error: BaseException) -> BaseException:
    """Return the driver's error where SQLAlchemy wrapped one, else `error` itself."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE of a driver's error."""
    return getattr(drivers_own(error), "sqlstate", None)


def constraint(error: BaseException) -> str | None:
    """Return the name of the constraint that a statement violated, if it did."""
    return getattr(drivers_own(error), "constraint_name", None)


def is_busy(error: BaseException) -> bool:
    """Return whether the server answers, but did not get to this statement in time."""
    return isinstance(error, PoolTimeoutError) or sqlstate(error) in _BUSY


def is_unavailable(error: BaseException) -> bool:
    """Return whether the server, and not the statement, is the reason."""
    if isinstance(error, DisconnectionError | OSError | TimeoutError):
        return True
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = sqlstate(error)
    return state is not None and (state[:2] in _CLASSES or state in _STATES)


class Failures:
    """Counts what PostgreSQL did not serve, by why; both reasons are exposed from the start."""

    def __init__(self, instruments: Instruments) -> None:
        errors = instruments.counter(DB_ERRORS)
        self._away, self._busy = errors.labels(kind="away"), errors.labels(kind="busy")

    def count(self, error: DatabaseUnavailableError) -> None:
        (self._away if error.away else self._busy).inc()


@contextmanager
def translated(failures: Failures | None = None) -> Iterator[None]:
    """Raise DatabaseBusyError or DatabaseUnavailableError where that is why; let the rest pass.

    `failures` counts them; a command that runs once has none.
    """
    try:
        yield
    except RAISED as error:
        busy = is_busy(error)
        if not busy and not is_unavailable(error):
            raise
        kind = DatabaseBusyError if busy else DatabaseUnavailableError
        raise counted(kind(), failures) from error


def counted(error: DatabaseUnavailableError, failures: Failures | None) -> DatabaseUnavailableError:
    """Return `error`, once it is counted."""
    if failures is not None:
        failures.count(error)
    return error
