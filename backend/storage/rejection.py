"""Tells a statement that was refused for its data from everything else that can go wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from backend.domain.errors import DatabaseBusyError, DatabaseUnavailableError
from backend.storage.failures import (
    RAISED,
    Failures,
    counted,
    drivers_own,
    is_busy,
    sqlstate,
)

# SQLSTATE classes: data exception, integrity violation, a limit that the row exceeds.
_CLASSES = ("22", "23", "54")


def is_rejection(error: BaseException) -> bool:
    """Return whether the data is the reason, so that the same data fails again."""
    if isinstance(drivers_own(error), asyncpg.DataError):
        return True
    state = sqlstate(error)
    return state is not None and state[:2] in _CLASSES


@contextmanager
def rejection_apart(failures: Failures | None = None) -> Iterator[None]:
    """Let a rejection pass and raise DatabaseUnavailableError for any other database error.

    DatabaseBusyError, a kind of it, says that the server answers, but not in time.
    Stricter than `failures.translated`: a consumer must not give an event up for a
    wrong password or a column that a migration has yet to add. `failures` counts them.
    """
    try:
        yield
    except RAISED as error:
        if is_rejection(error):
            raise
        kind = DatabaseBusyError if is_busy(error) else DatabaseUnavailableError
        raise counted(kind(f"PostgreSQL: {type(error).__name__}"), failures) from error
