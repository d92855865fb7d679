"""Books: files with one JSON object a line, which are only ever added to."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

Entry = TypeVar("Entry", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Book(Generic[Entry]):
    """`name` and `entry` are its words in errors, which are raised as `error`."""

    path: Path
    shape: type[Entry]
    name: str
    entry: str
    error: type[Exception]

    def add(self, entries: Sequence[Entry]) -> None:
        """Add entries, and wait until the disk has them; nothing is touched without any.

        Raises:
            error: they could not be written whole.
        """
        if not entries:
            return
        lines = b"".join(entry.model_dump_json().encode() + b"\n" for entry in entries)
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                written = os.write(descriptor, lines)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self.error(f"the {self.name} cannot be written: {error}") from error
        if written != len(lines):
            raise self.error(f"the {self.name} cannot be written: {self.path} took half a line")

    def read(self) -> list[Entry]:
        """Return all entries, the oldest first; none where there is no file yet.

        Raises:
            error: it cannot be read, or a line is something else.
        """
        try:
            whole = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self.error(f"the {self.name} cannot be read: {error}") from error
        return [self._entry(number, line) for number, line in enumerate(whole.splitlines(), 1)]

    def _entry(self, number: int, line: bytes) -> Entry:
        try:
            return self.shape.model_validate_json(line)
        except ValidationError as error:
            raise self.error(f"{self.path}:{number} is no {self.entry}: {error}") from error
