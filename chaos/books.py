"""Books: files with one JSON object a line, which are only ever added to."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from chaos.appending import append

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
            error: they could not be written whole, and nothing of them was.
        """
        if not entries:
            return
        lines = b"".join(entry.model_dump_json().encode() + b"\n" for entry in entries)
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a+b", buffering=0) as file:
                _cut_unfinished(file)
                append(file.fileno(), lines)
        except OSError as error:
            raise self.error(f"the {self.name} cannot be written: {error}") from error

    def read(self) -> list[Entry]:
        """Return all entries, the oldest first; none where there is no file yet.

        A last line without its end is left out: whoever added it was never told that it is there.

        Raises:
            error: it cannot be read, or a line is something else.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self.error(f"the {self.name} cannot be read: {error}") from error
        lines = _finished(content).splitlines()
        return [self._entry(number, line) for number, line in enumerate(lines, 1)]

    def _entry(self, number: int, line: bytes) -> Entry:
        try:
            return self.shape.model_validate_json(line)
        except ValidationError as error:
            raise self.error(f"{self.path}:{number} is no {self.entry}: {error}") from error


def _finished(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _cut_unfinished(file: FileIO) -> None:
    """A writer that was killed leaves a part of a line, which would spoil the next."""
    file.seek(0)
    content = file.read()
    if len(finished := _finished(content)) < len(content):
        file.truncate(len(finished))
