"""Query multiplication (N+1): the transactions of some work ask for further rows, one by one.

Injected as a fault, for the work of one context; everybody else pays a look at
a context variable for each transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

_ONE_ROW = "SELECT id FROM users WHERE id = $1"


class Repeats:
    """How many rows each transaction asks for in addition."""

    def __init__(self, queries: int) -> None:
        self._queries = queries

    def end(self) -> None:
        """Let what is under way ask for no more; may be called from any thread."""
        self._queries = 0

    async def ask(self, connection: Any) -> None:
        """Ask, over a connection of the driver's own."""
        asked = 0
        while asked < self._queries:
            await connection.fetchval(_ONE_ROW, uuid4())
            asked += 1


REPEATS: ContextVar[Repeats | None] = ContextVar("repeats", default=None)


@contextmanager
def repeating(repeats: Repeats) -> Iterator[None]:
    """Multiply the queries of everything that is done within the block."""
    token = REPEATS.set(repeats)
    try:
        yield
    finally:
        REPEATS.reset(token)
