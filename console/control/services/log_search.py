"""Searches of the log lines, a few at a time: each may read every file of the home."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from console.control.errors import InvalidError, UnavailableError
from console.control.services.clock import Clock
from console.schemas import LogBar, LogHistogram, LogLine, LogLines
from deploy.logstore import (
    LogStore,
    LogStoreError,
    QueryError,
    Search,
    bar_width,
    make_search,
)

AT_ONCE = 2
WAIT_SECONDS = 5.0
WAY_LINES = 500
WAY_DAYS = 7


class LogSearch:
    """Asks the store; what it cannot answer becomes an error that says why."""

    def __init__(self, store: LogStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._free = threading.BoundedSemaphore(AT_ONCE)

    def lines(self, **how: Any) -> LogLines:
        """Return the lines that `make_search` describes with `how`.

        Raises:
            InvalidError: a condition cannot be understood.
            UnavailableError: the store is away, too slow, or busy with others.
        """
        with self._asking("query"):
            return _lines(self._store, make_search(now=self._clock(), **how))

    def histogram(self, **how: Any) -> LogHistogram:
        """Return the counts over time; raises as `lines` does."""
        now = self._clock()
        with self._asking("query"):
            search = make_search(now=now, **how)
            since, until = search.since or now - timedelta(hours=1), search.until or now
            found = self._store.histogram(
                replace(search, since=since, until=until), bar_width(since, until)
            )
        bars = [LogBar(at=bar.at, counts=bar.counts) for bar in found.bars]
        return LogHistogram(width=found.width, since=since, until=until, bars=bars)

    def way(self, request: str) -> LogLines:
        """Return all lines of one request of the last days, oldest first; raises as `lines`."""
        with self._asking("id"):
            since = self._clock() - timedelta(days=WAY_DAYS)
            wanted = Search(request_id=request, since=since, limit=WAY_LINES, order="oldest")
            return _lines(self._store, wanted)

    def close(self) -> None:
        self._store.close()

    @contextmanager
    def _asking(self, field: str) -> Iterator[None]:
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise UnavailableError(f"{AT_ONCE} searches are under way already: try again")
        try:
            yield
        except QueryError as error:
            raise InvalidError(field, str(error)) from error
        except LogStoreError as error:
            raise UnavailableError(str(error)) from error
        finally:
            self._free.release()


def _lines(store: LogStore, search: Search) -> LogLines:
    found = store.search(search)
    return LogLines(lines=[LogLine(**asdict(line)) for line in found.lines], more=found.more)
