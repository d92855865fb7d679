"""The store that needs no server: the home's log files, read by DuckDB."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson

from deploy.home import Home
from deploy.logstore.errors import StoreAwayError, TooLongError
from deploy.logstore.logfiles import files_of
from deploy.logstore.search import Bar, Found, Histogram, Line, Search
from deploy.logstore.sql import Statement

THREADS = 2
MEMORY = "512MB"
# Ours are cut long before; what is longer is passed over.
MAX_LINE_BYTES = 1_000_000
SECONDS = 20.0
# How often a search begins anew because a file was rotated away under it.
ATTEMPTS = 3

# One column a line: a separator that no line of JSON contains, and no quoting.
_OPTIONS = (
    "columns={'line': 'VARCHAR'}, delim='\x01', quote='', escape='', header=false, "
    f"auto_detect=false, ignore_errors=true, max_line_size={MAX_LINE_BYTES}, "
    f"buffer_size={2 * MAX_LINE_BYTES}"
)


class LocalLogs:
    """Searches the files of one home; safe to use from several threads."""

    def __init__(self, home: Home, seconds: float = SECONDS) -> None:
        self._home, self._seconds = home, seconds

    def search(self, search: Search) -> Found:
        """Return the lines; raises StoreAwayError or TooLongError."""
        direction = "DESC" if search.order == "newest" else "ASC"
        statement = Statement(search)
        rows = self._rows(
            search,
            lambda lines: (
                f"SELECT line FROM {statement.source(lines)} "  # noqa: S608  values are parameters
                f"ORDER BY f[1] {direction}, line LIMIT {search.limit + 1}"
            ),
            statement,
        )
        found = [line for row in rows if (line := _line(row[0]))]
        return Found(found[: search.limit], more=len(found) > search.limit)

    def histogram(self, search: Search, width: int) -> Histogram:
        """Return the counts; raises StoreAwayError or TooLongError."""
        statement = Statement(search)
        rows = self._rows(
            search,
            lambda lines: (
                "SELECT CAST(floor(epoch(TRY_CAST(f[1] AS TIMESTAMP)) / "  # noqa: S608
                f"{width}) AS BIGINT) AS bar, coalesce(f[2], 'info'), count(*) "
                f"FROM {statement.source(lines)} GROUP BY 1, 2 ORDER BY 1, 2"
            ),
            statement,
        )
        bars: dict[int, dict[str, int]] = {}
        for bar, level, count in rows:
            if bar is not None:
                bars.setdefault(bar, {})[level] = count
        return Histogram(
            width,
            [Bar(datetime.fromtimestamp(bar * width, UTC), counts) for bar, counts in bars.items()],
        )

    def close(self) -> None:
        """Nothing is held between two searches."""

    def _rows(
        self, search: Search, sql: Callable[[str], str], statement: Statement
    ) -> list[tuple[Any, ...]]:
        for _ in range(ATTEMPTS):
            try:
                files = files_of(self._home, search)
                return self._ask(files, sql, statement) if files else []
            except (FileNotFoundError, duckdb.IOException):
                continue
            except PermissionError as error:
                raise StoreAwayError(f"{error.filename} may not be read by you") from error
            except duckdb.InterruptException as error:
                raise TooLongError(
                    f"the search took more than {self._seconds:.0f} seconds: ask for less time, "
                    "or name a component or a request"
                ) from error
            except duckdb.Error as error:
                raise StoreAwayError(f"the log files could not be searched: {error}") from error
        raise StoreAwayError("the log files went away while they were read: search again")

    def _ask(
        self, files: list[Path], sql: Callable[[str], str], statement: Statement
    ) -> list[tuple[Any, ...]]:
        names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
        text = sql(f"read_csv([{names}], {_OPTIONS})")
        with _connection(self._seconds) as connection:
            return connection.execute(text, statement.values).fetchall()


@contextmanager
def _connection(seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory that interrupts itself after `seconds`."""
    connection = duckdb.connect(
        config={
            "threads": THREADS,
            "memory_limit": MEMORY,
            # Keeping the order of lines would keep them; the search sorts what it found.
            "preserve_insertion_order": False,
            "temp_directory": "",
        }
    )
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield connection
    finally:
        timer.cancel()
        connection.close()


def _line(text: str) -> Line | None:
    try:
        return Line.of(orjson.loads(text))
    except (ValueError, KeyError, TypeError):  # JSON, but no line of ours
        return None
