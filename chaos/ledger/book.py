"""The ledger's file: proofs are added to it, and nothing in it is ever changed."""

import os
from collections.abc import Sequence

from pydantic import ValidationError

from chaos.ledger.proofs import Proof
from deploy.home import Home


class LedgerError(Exception):
    """The ledger cannot be read or written; the message says which line or why."""


def enter(home: Home, proofs: Sequence[Proof]) -> None:
    """Add proofs, and wait until the disk has them; nothing is touched without any.

    Raises:
        LedgerError: they could not be written whole.
    """
    if not proofs:
        return
    lines = b"".join(proof.model_dump_json().encode() + b"\n" for proof in proofs)
    try:
        descriptor = os.open(home.ledger_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            written = os.write(descriptor, lines)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LedgerError(f"the ledger cannot be written: {error}") from error
    if written != len(lines):
        raise LedgerError(f"the ledger cannot be written: {home.ledger_file} took half a line")


def read(home: Home) -> list[Proof]:
    """Return all proofs, the oldest first; none where no drill has proved anything yet.

    Raises:
        LedgerError: it cannot be read, or a line is no proof.
    """
    try:
        whole = home.ledger_file.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise LedgerError(f"the ledger cannot be read: {error}") from error
    return [_proof(home, number, line) for number, line in enumerate(whole.splitlines(), 1)]


def _proof(home: Home, number: int, line: bytes) -> Proof:
    try:
        return Proof.model_validate_json(line)
    except ValidationError as error:
        raise LedgerError(f"{home.ledger_file}:{number} is no proof: {error}") from error
