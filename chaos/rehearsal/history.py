"""The rehearsals of a home: one JSON object a line, only ever added to."""

import os

from pydantic import ValidationError

from chaos.rehearsal.schemas import Rehearsal
from deploy.home import Home


class HistoryError(Exception):
    """The history cannot be read or written; the message says which line or why."""


def enter(home: Home, rehearsal: Rehearsal) -> None:
    """Add a rehearsal.

    Raises:
        HistoryError: it could not be written whole.
    """
    line = rehearsal.model_dump_json().encode() + b"\n"
    try:
        descriptor = os.open(home.rehearsals_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            written = os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise HistoryError(f"the history cannot be written: {error}") from error
    if written != len(line):
        raise HistoryError(f"the history cannot be written: {home.rehearsals_file} is cut short")


def read(home: Home) -> list[Rehearsal]:
    """Return all rehearsals, the oldest first.

    Raises:
        HistoryError: it cannot be read, or a line is no rehearsal.
    """
    try:
        whole = home.rehearsals_file.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HistoryError(f"the history cannot be read: {error}") from error
    return [_rehearsal(home, number, line) for number, line in enumerate(whole.splitlines(), 1)]


def _rehearsal(home: Home, number: int, line: bytes) -> Rehearsal:
    try:
        return Rehearsal.model_validate_json(line)
    except ValidationError as error:
        raise HistoryError(f"{home.rehearsals_file}:{number} is no rehearsal: {error}") from error
