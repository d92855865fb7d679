"""The heads of the audit log's chain: number and hash of each row, kept outside of the file.

A line is appended when a row has been committed, and the service's log has the same
number and hash, which the shipper takes to the log store. What that proves:

- Of the SQLite file alone, nothing can be cut off at the end, changed together with
  all hashes behind it, or put in by hand, without `audit verify` finding it.
- Who writes the SQLite file and this file alike, as the home's owner can, is found
  only by a head from elsewhere: `audit verify --head` takes one from the log store
  or from a note. What came after that head is again as good as this file.
- A service that is killed between the commit and the end of this line leaves a row
  that nobody vouches for. Its next start writes a line for it that says so
  (`found_from`); the same line vouches for the rows of a release that had no chain.
"""

import json
import os
from dataclasses import dataclass
from io import FileIO
from pathlib import Path


class HeadsError(Exception):
    """The file of heads, or a line of it, cannot be read or written; the message says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last row at one time. `found_from`: rows from there on were found at a start."""

    id: int
    hash: str
    found_from: int | None = None

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


class Heads:
    """The file; one process at a time writes to it, and one row after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, head: Head) -> None:
        """Write one line, whole or not at all: a part of it would run into the next.

        Raises:
            OSError: the disk refuses it, or a part of it.
        """
        said: dict[str, int | str] = {"id": head.id, "hash": head.hash}
        if head.found_from is not None:
            said["found_from"] = head.found_from
        with self._path.open("ab", buffering=0) as file:
            before = os.fstat(file.fileno()).st_size
            try:
                _write_whole(file, f"{json.dumps(said)}\n".encode())
            except OSError:
                file.truncate(before)
                raise

    def end_last_line(self) -> None:
        """End a line that a service was killed in; call it at the start, before anybody writes.

        A head that lacks only its line's end gets that, and vouches for its row. A part of
        one vouches for nothing, and goes.

        Raises:
            HeadsError: the file cannot be read or written.
        """
        try:
            with self._path.open("r+b") as file:
                whole, end, rest = file.read().rpartition(b"\n")
                if _head(rest) is not None:
                    file.write(b"\n")
                else:
                    file.truncate(len(whole + end))
        except FileNotFoundError:
            return
        except OSError as error:
            raise HeadsError(f"{self._path.name} cannot be written: {error}") from error

    def read(self) -> list[Head]:
        """Return all, in the order in which they were written; none without a file.

        A last line without an end is one that is being written: it counts once it is a head.

        Raises:
            HeadsError: another line is none, or the file cannot be read.
        """
        try:
            *lines, rest = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise HeadsError(f"{self._path.name} cannot be read: {error}") from error
        heads = []
        for number, line in enumerate(lines, 1):
            if (head := _head(line)) is None:
                raise HeadsError(f"line {number} of {self._path.name} cannot be read")
            heads.append(head)
        last = _head(rest)
        return [*heads, last] if last else heads


def _head(line: bytes) -> Head | None:
    """Return what a line says; null where it is no head, or not all of one."""
    try:
        said = json.loads(line)
        return Head(int(said["id"]), str(said["hash"]), said.get("found_from"))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _write_whole(file: FileIO, data: bytes) -> None:
    """A disk that is almost full takes a part; only the next try says why it takes no more."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
