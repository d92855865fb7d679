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
from collections import deque
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
        self._waiting: deque[bytes] = deque()
        self._bytes = self._lost = 0
        # What was taken from those that wait, and is not in the file yet.
        self._begun = memoryview(b"")
        # Writers take the first; whoever writes to the disk holds the second meanwhile.
        self._lock, self._disk = threading.RLock(), threading.RLock()
        self._flushing = self._hindered = False
        self._ended = threading.Event()
        self._file, self._size = _opened(path)
        self._thread = threading.Thread(target=self._keep_flushing, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, line: bytes, *, urgent: bool) -> None:
        """Take a line with its line end; never raises, and waits for the disk only if urgent."""
        with self._lock:
            self._waiting.append(line)
            self._bytes += len(line)
            while self._bytes > MAX_WAITING:
                self._bytes -= len(self._waiting.popleft())
                self._lost += 1
            full = self._bytes > FLUSH_BYTES
        if urgent or full or self._ended.is_set():
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        with self._disk:
            # A finalizer may log in the midst of a write of the same thread.
            if self._flushing:
                return
            self._flushing = True
            try:
                self._write_out()
            except OSError as error:
                self._tell(error)
            else:
                self._recover()
            finally:
                self._flushing = False

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

    def _write_out(self) -> None:
        # The end of a line that was begun belongs into the same file, before all others.
        self._append_begun()
        with self._lock:
            lines, self._bytes = b"".join(self._waiting), 0
            self._waiting.clear()
        self._begun = memoryview(lines)
        self._append_begun()
        # Only now: what cannot be rotated can still be written.
        if self._size >= MAX_BYTES:
            self._rotate()

    def _append_begun(self) -> None:
        while self._begun:
            written = os.write(self._file, self._begun)
            self._size += written
            self._begun = self._begun[written:]

    def _rotate(self) -> None:
        # Somebody may have moved or removed it: then there is nothing to set aside.
        if self._is_in_place():
            self._make_room()
            self._path.replace(self._rotated(1))
        fresh, size = _opened(self._path)
        os.close(self._file)
        self._file, self._size = fresh, size

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._file))
        except FileNotFoundError:
            return False

    def _make_room(self) -> None:
        """Move what was rotated before up as far as the first gap, so that trying again is safe."""
        numbers = range(1, KEPT_FILES)
        gap = next((n for n in numbers if not self._rotated(n).exists()), KEPT_FILES)
        for number in range(gap - 1, 0, -1):
            self._rotated(number).replace(self._rotated(number + 1))

    def _rotated(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _tell(self, error: OSError) -> None:
        if not self._hindered:
            sys.stderr.write(f"log lines cannot be written to {self._path}: {error}\n")
        self._hindered = True

    def _recover(self) -> None:
        if self._lost:
            sys.stderr.write(f"{self._lost} log lines of {self._path} were lost meanwhile\n")
        self._hindered, self._lost = False, 0


def _opened(path: Path) -> tuple[int, int]:
    """Open a file to append to; return its descriptor and its size."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    return file, os.fstat(file).st_size
