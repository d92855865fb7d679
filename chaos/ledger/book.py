"""The ledger's file: proofs are added to it, and nothing in it is ever changed."""

from collections.abc import Sequence

from chaos.books import Book
from chaos.ledger.proofs import Proof
from deploy.home import Home


class LedgerError(Exception):
    """The ledger cannot be read or written; the message says which line or why."""


def enter(home: Home, proofs: Sequence[Proof]) -> None:
    """Add proofs, and wait until the disk has them; nothing is touched without any.

    Raises:
        LedgerError: they could not be written whole.
    """
    _book(home).add(proofs)


def read(home: Home) -> list[Proof]:
    """Return all proofs, the oldest first; none where no drill has proved anything yet.

    Raises:
        LedgerError: it cannot be read, or a line is no proof.
    """
    return _book(home).read()


def _book(home: Home) -> Book[Proof]:
    return Book(home.ledger_file, Proof, "ledger", "proof", LedgerError)
