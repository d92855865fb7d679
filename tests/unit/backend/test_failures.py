"""What the driver raises, in the product's own words."""

import asyncpg
import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.domain.errors import DatabaseBusyError, DatabaseUnavailableError
from backend.storage.failures import translated
from backend.storage.rejection import rejection_apart

AWAY = [
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    ConnectionRefusedError(),
    TimeoutError(),
]
BUSY = [
    PoolTimeoutError("QueuePool limit reached"),
    asyncpg.LockNotAvailableError("canceling statement due to lock timeout"),
    asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
]


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_a_server_that_went_away_is_unavailable(error: Exception) -> None:
    with pytest.raises(DatabaseUnavailableError) as caught, translated():
        raise error
    assert caught.value.away


@pytest.mark.parametrize("error", BUSY, ids=repr)
def test_a_server_that_answers_too_late_is_busy(error: Exception) -> None:
    with pytest.raises(DatabaseBusyError), translated():
        raise error


@pytest.mark.parametrize("error", [*AWAY, *BUSY], ids=repr)
def test_neither_is_held_against_a_consumer_s_message(error: Exception) -> None:
    with pytest.raises(DatabaseUnavailableError), rejection_apart():
        raise error


def test_a_statement_s_own_fault_stays_what_it_is() -> None:
    fault = asyncpg.UniqueViolationError("duplicate key")
    with pytest.raises(asyncpg.UniqueViolationError), translated():
        raise fault
