"""A trace: an access log on disk, plain or gzip, read line by line.

Nothing of the log is kept in memory. The order of time needs, a line, two
integers and its bytes in an unnamed temporary file.
"""

import gzip
import hashlib
import tempfile
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from chaos.traffic.accesslog import MAX_LINE, LogLine, MalformedLineError, parse_line

GZIP_MAGIC = b"\x1f\x8b"
SHOWN_MALFORMED = 20


class TraceError(Exception):
    """The file cannot be replayed; the message says why."""


class Numbered(NamedTuple):
    """A readable line with its number in the file, from 1."""

    number: int
    line: LogLine


class Malformed(NamedTuple):
    """A line that cannot be read, with its number and the reason."""

    number: int
    reason: str


@dataclass(slots=True)
class Trace:
    """What one reading of the file found. `first` and `last` are Unix times in seconds."""

    path: Path
    digest: str
    lines: int = 0
    malformed: int = 0
    shown: list[Malformed] = field(default_factory=list)
    first: int = 0
    last: int = 0
    end: int = 0

    @property
    def span(self) -> int:
        """Seconds that the log covers; its clock ticks once a second, so at least 1."""
        return self.last - self.first + 1

    def in_file_order(self) -> Iterator[Numbered]:
        """Yield the readable lines as they stand; what was appended since the scan stays out.

        Raises:
            TraceError: the file is gone, or nothing of it can be read any more.
        """
        return (entry for entry, _ in self.readable())

    def by_time(self) -> "TimeOrder":
        """Sort the lines by their time; lines of one second keep the file's order.

        Raises:
            TraceError: the file is gone, or nothing of it can be read any more.
        """
        return TimeOrder(self)

    def readable(self) -> Iterator[tuple[Numbered, bytes]]:
        """Yield the readable lines with their bytes; the scan found some, so none is an error."""
        found = False
        with _told_of(self.path):
            for number, raw in _raw_lines(self.path):
                if number > self.end:
                    break
                entry = _parse(number, raw)
                if isinstance(entry, Numbered):
                    found = True
                    yield entry, raw
        if not found:
            raise TraceError(f"{self.path} changed during the run: replay a copy of it")


class TimeOrder:
    """The lines of a trace sorted by time, as often as wanted."""

    def __init__(self, trace: Trace) -> None:
        self._spool = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - lives as long as this object
        self._numbers = array("q")
        self._offsets = array("q")
        times = array("q")
        for entry, raw in trace.readable():
            self._numbers.append(entry.number)
            self._offsets.append(self._spool.tell())
            times.append(int(entry.line.time.timestamp()))
            self._spool.write(raw.rstrip(b"\n") + b"\n")
        self._order = array("q", sorted(range(len(times)), key=times.__getitem__))

    def __iter__(self) -> Iterator[Numbered]:
        for index in self._order:
            self._spool.seek(self._offsets[index])
            yield Numbered(self._numbers[index], parse_line(self._spool.readline().rstrip(b"\n")))


def scan(path: Path) -> Trace:
    """Read the whole file once and count it.

    Raises:
        TraceError: no such file, not readable, cut short, or no line of it is a log line.
    """
    with _told_of(path):
        with path.open("rb") as file:
            trace = Trace(path, hashlib.file_digest(file, "sha256").hexdigest())
        for number, raw in _raw_lines(path):
            _count(trace, _parse(number, raw))
            trace.end = number
    if trace.lines == 0:
        found = (
            f"line {trace.shown[0].number}: {trace.shown[0].reason}"
            if trace.shown
            else "it is empty"
        )
        raise TraceError(f"{path} is no access log in common or combined format ({found})")
    return trace


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Raise what reading the file fails with as a TraceError."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TraceError(f"{path} is no whole gzip file: {error}") from None
    except OSError as error:
        raise TraceError(f"{path} cannot be read: {error.strerror}") from None


def _count(trace: Trace, entry: Numbered | Malformed | None) -> None:
    if isinstance(entry, Malformed):
        trace.malformed += 1
        if len(trace.shown) < SHOWN_MALFORMED:
            trace.shown.append(entry)
    elif entry is not None:
        at = int(entry.line.time.timestamp())
        trace.first = min(trace.first, at) if trace.lines else at
        trace.last = max(trace.last, at) if trace.lines else at
        trace.lines += 1


def _parse(number: int, raw: bytes) -> Numbered | Malformed | None:
    """Return None for an empty line."""
    if len(raw) > MAX_LINE:
        return Malformed(number, f"it is longer than {MAX_LINE // 1024} KiB")
    if not raw.strip():
        return None
    try:
        return Numbered(number, parse_line(raw.rstrip(b"\r\n")))
    except MalformedLineError as error:
        return Malformed(number, str(error))


def _raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each line; of one that is too long only the beginning."""
    with path.open("rb") as raw:
        packed = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        raw.seek(0)
        file = gzip.GzipFile(fileobj=raw) if packed else raw
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            yield number, line
            while len(line) > MAX_LINE and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE + 1)
