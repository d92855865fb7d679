"""Reads back until nothing is left, and writes down the last word on it."""

import time
from collections.abc import Callable

from chaos.drill import Drill
from chaos.errors import BlindError
from chaos.schemas import Kind, Undo

# What is left, in words; or why that cannot be told.
Left = list[str] | BlindError


def read_back(drill: Drill, within: float, look: Callable[[], Left]) -> bool:
    """Look until nothing is left, for up to `within` seconds; returns whether that is so.

    Raises:
        BlindError: it could not be told to the end.
    """
    if not drill.facts.held:
        return undone(drill, "Nothing was injected, so nothing is left", [])
    deadline = time.monotonic() + within
    while (found := look()) and time.monotonic() < deadline:
        time.sleep(drill.poll_seconds)
    if isinstance(found, BlindError):
        drill.journal.write(Kind.UNDO, f"Cannot be read back: {found}", clean=None, residue=[])
        raise found
    return undone(drill, f"Left: {'; '.join(found)}" if found else "Nothing is left", found)


def undone(drill: Drill, message: str, residue: list[str]) -> bool:
    """Keep it for the verdict, beside what another rollback left; returns whether nothing is."""
    undo = Undo(clean=not residue, residue=residue)
    before = drill.facts.undo.residue if drill.facts.undo else []
    left = list(dict.fromkeys([*before, *residue]))
    drill.facts.undo = Undo(clean=not left, residue=left)
    drill.journal.write(Kind.UNDO, message, **undo.model_dump())
    return undo.clean
