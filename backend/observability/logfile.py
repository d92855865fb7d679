"""Where lines go: a file that rotates, written by a thread a few times a second.

A write a line would cost every request a system call. So lines wait up to
`FLUSH_SECONDS` in memory; a line that is urgent (a warning, or worse) takes all
that wait along at once. A process that is killed loses at most that
much; one that ends by itself, or by SIGTERM, loses nothing.
"""

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

MAX_BYTES = 32 * 1024 * 1024
KEPT_FILES = 5
FLUSH_SECONDS = 0.15
# So much waits at most: more means that the disk does not take it, and the oldest go.
MAX_WAITING = 8 * 1024 * 1024
FLUSH_BYTES = 256 * 1024


class Sink(Protocol):
    def write(self, line: bytes, *, urgent: bool) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


class Stream:
    """Lines to stderr, at once."""

    def write(self, line: bytes, *, urgent: bool) -> None:  # noqa: ARG002
        sys.stderr.write(line.decode())

    def flush(self) -> None:
        # At the very end there may be no stderr any more.
        with contextlib.suppress(ValueError, AttributeError):
            sys.stderr.flush()

    def close(self) -> None:
        self.flush()


class LogFile:
    """Appends lines to `path`; full, it becomes `path.1` and a new one begins.

    `tick` is called before each periodic flush.
    """

    def __init__(self, path: Path, tick: Callable[[], None] = lambda: None) -> None:
        """Open the file; raises OSError when it cannot be written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._tick = path, tick
        self._waiting: list[bytes] = []
        self._bytes = 0
        # Writers take the first; whoever writes to the disk holds the second meanwhile.
        self._lock, self._disk = threading.RLock(), threading.RLock()
        self._hindered = False
        self._ended = threading.Event()
        self._open()
        self._thread = threading.Thread(target=self._keep_flushing, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, line: bytes, *, urgent: bool) -> None:
        """Take a line with its line end; never raises, and waits for the disk only if urgent."""
        with self._lock:
            self._waiting.append(line)
            self._bytes += len(line)
            full = self._bytes > FLUSH_BYTES
        if urgent or full or self._ended.is_set():
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self._disk:
            with self._lock:
                lines, size = self._waiting, self._bytes
                self._waiting, self._bytes = [], 0
            if not lines:
                return
            try:
                self._rotate_before(size)
                self._append(b"".join(lines))
                self._hindered = False
            except OSError as error:
                self._keep(lines, size, error)

    def close(self) -> None:
        """End the thread and write the rest; later lines are written one by one."""
        self._ended.set()
        atexit.unregister(self.close)
        if self._thread is not threading.current_thread():
            self._thread.join(2.0)
        self.flush()

    def _keep_flushing(self) -> None:
        while not self._ended.wait(FLUSH_SECONDS):
            self._tick()
            self.flush()

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._size = os.fstat(self._file).st_size

    def _append(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            written = os.write(self._file, rest)
            self._size += written
            rest = rest[written:]

    def _rotate_before(self, size: int) -> None:
        if not self._size or self._size + size <= MAX_BYTES:
            return
        for number in range(KEPT_FILES - 1, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            if older.exists():
                older.replace(self._path.with_name(f"{self._path.name}.{number + 1}"))
        self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        os.close(self._file)
        self._open()

    def _keep(self, lines: list[bytes], size: int, error: OSError) -> None:
        """Try again with the next flush, as long as there is room; say so once."""
        if not self._hindered:
            sys.stderr.write(f"log lines cannot be written to {self._path}: {error}\n")
        self._hindered = True
        with self._lock:
            if size + self._bytes <= MAX_WAITING:
                self._waiting = lines + self._waiting
                self._bytes += size
