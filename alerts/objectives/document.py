"""Reads `slos.yaml`; whatever is wrong in it is told with its line and the remedy."""

from pathlib import Path

from pydantic import ValidationError

from alerts.document import BadDocumentError, read_document
from alerts.objectives.faults import faults
from alerts.objectives.model import Objectives, Slo
from alerts.rulebook import ROOM

SLOS = ROOM / "slos.yaml"
UNTAGGED = "has no kind that is known: `kind` is share, latency or delay"


class BadObjectivesError(BadDocumentError):
    """The file cannot be used; `lines` has a sentence for each reason, with its place."""


def load_slos(path: Path = SLOS) -> list[Slo]:
    """Return the objectives.

    Raises:
        BadObjectivesError: with every fault, each as `file:line: field: reason and remedy`.
        OSError: the file cannot be read.
    """
    try:
        document = read_document(path, columns=False)
    except BadDocumentError as error:
        raise BadObjectivesError(error.lines) from None
    try:
        objectives = Objectives.model_validate(document.content)
    except ValidationError as error:
        broken = document.faults_of(error, UNTAGGED)
        raise BadObjectivesError(document.told(broken)) from None
    if found := faults(objectives.slos):
        raise BadObjectivesError(document.told(found))
    return objectives.slos
