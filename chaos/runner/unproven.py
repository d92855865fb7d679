"""Alerts that no drill can prove on one machine: `unproven.yaml` has each with its reason."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alerts.document import BadDocumentError, Document, Fault, read_document
from alerts.rulebook import Rule

UNPROVEN = Path(__file__).resolve().parent.parent / "unproven.yaml"
MOST = 3


class Unproven(BaseModel):
    """One rule; `severity` tells two rules of a name apart. A reason is a sentence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    alert: str
    severity: Literal["page", "ticket", "none"] | None = None
    reason: Annotated[str, Field(min_length=20)]

    def speaks_of(self, rule: Rule) -> bool:
        return self.alert == rule.alert and self.severity in {None, rule.labels.severity}


class Listed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    unproven: list[Unproven]


def load_unproven(path: Path = UNPROVEN) -> list[Unproven]:
    """Return the list.

    Raises:
        BadDocumentError: it is not of this shape; says what is wrong, and where.
        OSError: it cannot be read.
    """
    return _read(path)[1]


def check_unproven(
    rules: Sequence[Rule], expected: Sequence[Rule], path: Path = UNPROVEN
) -> tuple[list[Unproven], list[str]]:
    """Return the list, and what is wrong with it, each with its place.

    `expected` are the rules that an experiment proves, and that have no place in it.
    """
    try:
        document, listed = _read(path)
    except BadDocumentError as error:
        return [], error.lines
    faults = [
        Fault(("unproven", index, "alert"), words)
        for index, each in enumerate(listed)
        if (words := _wrong(each, rules, expected))
    ]
    if len(listed) > MOST:
        faults.append(Fault(("unproven", MOST), f"is one too many: {MOST} at most, drill the rest"))
    return listed, document.told(faults)


def _read(path: Path) -> tuple[Document, list[Unproven]]:
    document = read_document(path)
    try:
        return document, Listed.model_validate(document.content).unproven
    except ValidationError as error:
        raise BadDocumentError(document.told(document.faults_of(error, ""))) from error


def _wrong(each: Unproven, rules: Sequence[Rule], expected: Sequence[Rule]) -> str | None:
    if not any(each.speaks_of(rule) for rule in rules):
        return "there is no such alert: name one of alerts/, with its own severity"
    if any(each.speaks_of(rule) for rule in expected):
        return "is expected by an experiment: remove it from here"
    return None
