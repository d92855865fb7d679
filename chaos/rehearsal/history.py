"""The rehearsals of a home, of which none is ever changed."""

from chaos.books import Book
from chaos.rehearsal.schemas import Rehearsal
from deploy.home import Home


class HistoryError(Exception):
    """The history cannot be read or written; the message says which line or why."""


def enter(home: Home, rehearsal: Rehearsal) -> None:
    """Add a rehearsal.

    Raises:
        HistoryError: it could not be written whole.
    """
    _book(home).add([rehearsal])


def read(home: Home) -> list[Rehearsal]:
    """Return all rehearsals, the oldest first.

    Raises:
        HistoryError: it cannot be read, or a line is no rehearsal.
    """
    return _book(home).read()


def _book(home: Home) -> Book[Rehearsal]:
    return Book(home.rehearsals_file, Rehearsal, "history", "rehearsal", HistoryError)
