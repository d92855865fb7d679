"""Writes down what read-back found: the last word on whether a drill left something behind."""

from chaos.drill import Drill
from chaos.schemas import Kind, Undo


def undone(drill: Drill, message: str, residue: list[str]) -> bool:
    """Keep it for the verdict; returns whether nothing is left."""
    undo = Undo(clean=not residue, residue=residue)
    drill.facts.undo = undo
    drill.journal.write(Kind.UNDO, message, **undo.model_dump())
    return undo.clean
