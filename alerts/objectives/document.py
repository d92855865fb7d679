"""Reads `slos.yaml`; whatever is wrong in it is told with its line and the remedy."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from alerts.objectives.faults import Fault, Place, faults
from alerts.objectives.model import Objectives, Slo
from alerts.rulebook import ROOM

SLOS = ROOM / "slos.yaml"


class BadObjectivesError(Exception):
    """The file cannot be used; `lines` has a sentence for each reason, with its place."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def load_slos(path: Path = SLOS) -> list[Slo]:
    """Return the objectives.

    Raises:
        BadObjectivesError: with every fault, each as `file:line: field: reason and remedy`.
        OSError: the file cannot be read.
    """
    document = _composed(path)
    if document.faults:
        raise BadObjectivesError(document.told(document.faults))
    try:
        objectives = Objectives.model_validate(document.content)
    except ValidationError as error:
        broken = [_told(details, document) for details in error.errors()]
        raise BadObjectivesError(document.told(broken)) from None
    if found := faults(objectives.slos):
        raise BadObjectivesError(document.told(found))
    return objectives.slos


@dataclass(frozen=True, slots=True)
class _Document:
    """The file's content, and the line on which each part of it stands."""

    name: str
    content: object
    lines: dict[Place, int]
    faults: list[Fault]

    def told(self, found: list[Fault]) -> list[str]:
        placed = sorted(
            (self.line(fault.place), _field(fault.place), fault.words) for fault in found
        )
        told = [f"{self.name}:{line}: {field}{words}" for line, field, words in placed]
        return list(dict.fromkeys(told))

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest part around it that stands in the file."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)


def _composed(path: Path) -> _Document:
    text = path.read_text()
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reason = f"{path.name}:{line}: this is no YAML: {error.problem}; mend what stands there"
        raise BadObjectivesError([reason]) from None
    lines: dict[Place, int] = {}
    repeated: list[Fault] = []
    for place, line in _places(root, ()) if root else ():
        if place in lines:
            repeated.append(Fault(place, f"stands on line {lines[place]} already: remove one"))
        lines[place] = line
    return _Document(path.name, content, lines, repeated)


def _places(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _places(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*place, index), value.start_mark.line + 1
            yield from _places(value, (*place, index))


def _told(details: ErrorDetails, document: _Document) -> Fault:
    """Return a pydantic error in our words, at its place in the file."""
    place: Place = ()
    for part in details["loc"]:
        # Names of a union's members are in pydantic's place, and not in the file.
        if (*place, part) in document.lines:
            place = (*place, part)
    match details["type"]:
        case "extra_forbidden":
            words = "is no field here: correct its spelling, or remove it"
        case "missing":
            place, words = (*place, details["loc"][-1]), "is missing: add it"
        case "union_tag_invalid" | "union_tag_not_found":
            words = "has no kind that is known: `kind` is share, latency or delay"
        case "value_error":
            words = str(details["ctx"]["error"])
        case _:
            words = f"{details['input']!r} will not do: {details['msg'].lower()}"
    return Fault(place, words)


def _field(place: Place) -> str:
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return f"{words.removeprefix('.')}: " if words else ""
