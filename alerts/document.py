"""A YAML file as its author sees it: its content, and the line and column of each part of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

Place = tuple[int | str, ...]


class Fault(NamedTuple):
    """What is wrong at a place of the document, with the remedy."""

    place: Place
    words: str


class BadDocumentError(Exception):
    """The text is no YAML, or is of another shape; `lines` has each reason with its place."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Document:
    """The content, and where its parts stand; lines and columns count from 1.

    With `columns` a place is told by both, else by its line alone.
    """

    name: str
    content: object
    marks: dict[Place, tuple[int, int]]
    columns: bool = True

    @property
    def source(self) -> dict[str, Any]:
        """Return the content of a file that holds a mapping.

        Raises:
            TypeError: it holds something else.
        """
        if not isinstance(self.content, dict):
            raise TypeError(f"{self.name} holds no mapping")
        return self.content

    def told(self, faults: list[Fault]) -> list[str]:
        """Return `file:line[:column]: field: reason` of each fault, in the file's order."""
        placed = sorted(
            (self._mark(fault.place), _field(fault.place), fault.words) for fault in faults
        )
        lines = [
            f"{self.name}:{_at(mark, columns=self.columns)}: {field}{words}"
            for mark, field, words in placed
        ]
        return list(dict.fromkeys(lines))

    def _mark(self, place: Place) -> tuple[int, int]:
        """Return the mark of a place, or of the nearest part around it that stands in the file."""
        while place not in self.marks and place:
            place = place[:-1]
        return self.marks.get(place, (1, 1))

    def faults_of(self, error: ValidationError, untagged: str) -> list[Fault]:
        """Return pydantic's errors in our words, at their places in the file.

        `untagged` is said of what is no member of the file's one union.
        """
        return [self._fault(details, untagged) for details in error.errors()]

    def _fault(self, details: ErrorDetails, untagged: str) -> Fault:
        place: Place = ()
        for part in details["loc"]:
            # Names of a union's members are in pydantic's place, and not in the file.
            if (*place, part) in self.marks:
                place = (*place, part)
        match details["type"]:
            case "extra_forbidden":
                words = "is no field here: correct its spelling, or remove it"
            case "missing":
                place, words = (*place, details["loc"][-1]), "is missing: add it"
            case "union_tag_invalid" | "union_tag_not_found":
                words = untagged
            case "value_error":
                words = str(details["ctx"]["error"])
            case _:
                words = f"{details['input']!r} will not do: {details['msg'].lower()}"
        return Fault(place, words)


def read_document(path: Path, *, columns: bool = True) -> Document:
    """Return the file's content with its places.

    Raises:
        BadDocumentError: it is no text, or no YAML, or says one thing twice.
        OSError: it cannot be read.
    """
    try:
        content, places = _parsed(path.read_bytes().decode())
    except yaml.MarkedYAMLError as error:
        found = error.problem_mark
        at = _at((found.line + 1, found.column + 1) if found else (1, 1), columns=columns)
        words = f"{path.name}:{at}: this is no YAML: {error.problem}; mend what stands there"
        raise BadDocumentError([words]) from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        words = f"{path.name}: this is no text of YAML: {said}; remove what stands there"
        raise BadDocumentError([words]) from None
    marks: dict[Place, tuple[int, int]] = {}
    repeated: list[Fault] = []
    for place, mark in places:
        if place in marks:
            repeated.append(Fault(place, f"stands on line {marks[place][0]} already: remove one"))
        marks[place] = mark
    document = Document(path.name, content, marks, columns)
    if repeated:
        raise BadDocumentError(document.told(repeated))
    return document


def _parsed(text: str) -> tuple[object, list[tuple[Place, tuple[int, int]]]]:
    """Return what the text says, and where each part of it stands.

    libyaml's parser takes a tenth of the time of PyYAML's own, and every command reads many files.
    """
    loader = yaml.CSafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, []
        places = list(_places(root, ()))  # before merge keys are resolved in the tree itself
        return loader.construct_document(root), places
    finally:
        loader.dispose()


def _places(node: yaml.Node, place: Place) -> Iterator[tuple[Place, tuple[int, int]]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            yield inner, (key.start_mark.line + 1, key.start_mark.column + 1)
            yield from _places(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*place, index), (value.start_mark.line + 1, value.start_mark.column + 1)
            yield from _places(value, (*place, index))


def _at(mark: tuple[int, int], *, columns: bool) -> str:
    line, column = mark
    return f"{line}:{column}" if columns else str(line)


def _field(place: Place) -> str:
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return f"{words.removeprefix('.')}: " if words else ""
