"""The heads of the audit log's chain: number and hash of each row, kept outside of the file.

A line is appended when a row has been committed, and the service's log has the same
number and hash, which the shipper takes to the log store. What that proves:

- Of the SQLite file alone, nothing can be cut off at the end, changed together with
  all hashes behind it, or put in by hand, without `audit verify` finding it.
- Who writes the SQLite file and this file alike, as the home's owner can, is found
  only by a head from elsewhere: `audit verify --head` takes one from the log store
  or from a note. What came after that head is again as good as this file.
- A service that is killed between the commit and this line leaves a row that nobody
  vouches for. Its next start writes a line for it that says so (`found_from`); the
  same line vouches for the rows of a release that had no chain.
"""

import json
from dataclasses import dataclass
from pathlib import Path


class HeadsError(Exception):
    """The file of heads, or a line of it, cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last row at one time. `found_from`: rows from there on were found at a start."""

    id: int
    hash: str
    found_from: int | None = None

    def __str__(self) -> str:
        return f"{self.id}:{self.hash}"


class Heads:
    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, head: Head) -> None:
        """Write one line; raises OSError."""
        said: dict[str, int | str] = {"id": head.id, "hash": head.hash}
        if head.found_from is not None:
            said["found_from"] = head.found_from
        with self._path.open("a") as file:
            file.write(json.dumps(said) + "\n")

    def read(self) -> list[Head]:
        """Return all, in the order in which they were written; none without a file.

        A last line without an end is one that is being written.

        Raises:
            HeadsError: another line is none, or the file cannot be read.
        """
        try:
            whole, _, _ = self._path.read_text("utf-8").rpartition("\n")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise HeadsError(f"{self._path.name} cannot be read: {error}") from error
        return [self._parsed(number, line) for number, line in enumerate(whole.splitlines(), 1)]

    def _parsed(self, number: int, line: str) -> Head:
        try:
            said = json.loads(line)
            return Head(int(said["id"]), str(said["hash"]), said.get("found_from"))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise HeadsError(f"line {number} of {self._path.name} cannot be read") from error
