"""The experiments that may be run: files in Chaos Toolkit's format, checked and put into words."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from alerts.document import BadDocumentError, Document, read_document
from chaos.runner.aims import hits_of
from chaos.runner.format import File
from chaos.schemas import AbortWhen, Experiment, Tolerance
from chaos.signals.expected import AnyExpected, ExpectedAlert

UNTAGGED = "is no signal: it has one of metric, log, error, alert or silent"
FOLDER = Path(__file__).resolve().parent.parent / "experiments"


class ExperimentError(Exception):
    """An experiment's file is not one that can be run; says which file and what is wrong."""


class UnknownExperimentError(ExperimentError):
    """There is no experiment of that name."""


class Plan(BaseModel):
    """An experiment, ready to run: `source` is the file's content, for the engine."""

    model_config = ConfigDict(frozen=True)

    experiment: Experiment
    source: dict[str, Any]
    tolerance: Tolerance
    abort_when: AbortWhen
    signals: list[AnyExpected] = []


def names(folder: Path = FOLDER) -> list[str]:
    """Return the names of all experiments, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_all(folder: Path = FOLDER) -> list[Plan]:
    """Return every experiment.

    Raises:
        ExperimentError: one of the files is wrong.
    """
    return [load(name, folder) for name in names(folder)]


def load(name: str, folder: Path = FOLDER) -> Plan:
    """Return one experiment.

    Raises:
        UnknownExperimentError: there is none of that name; the message lists all.
        ExperimentError: its file is wrong.
    """
    known = names(folder)
    if name not in known:
        raise UnknownExperimentError(
            f"there is no experiment {name!r}: known are {', '.join(known) or 'none'}"
        )
    path = folder / f"{name}.yaml"
    try:
        document, file = read_file(path)
    except (OSError, BadDocumentError) as error:
        raise ExperimentError(f"{path.name} cannot be run: {error}") from error
    return _plan(name, file, document.source)


def read_file(path: Path) -> tuple[Document, File]:
    """Return an experiment's file, with the place of each of its parts.

    Raises:
        BadDocumentError: it is not of the format; says what is wrong, and where.
        OSError: it cannot be read.
    """
    document = read_document(path)
    try:
        return document, File.model_validate(document.content)
    except ValidationError as error:
        raise BadDocumentError(document.told(document.faults_of(error, UNTAGGED))) from error


def _plan(name: str, file: File, source: dict[str, Any]) -> Plan:
    extension = file.extensions[0]
    experiment = Experiment(
        name=name,
        title=file.title,
        description=file.description,
        hypothesis=[probe.name for probe in file.hypothesis.probes],
        action=[activity.name for activity in file.method],
        blast_radius=extension.blast_radius,
        rollback=extension.rollback,
        abort=_told(extension.abort_when),
        signals=[signal.words for signal in extension.signals],
        proves=_proved(extension.signals),
        tags=file.tags,
        needs=list(extension.needs),
        hits=hits_of(file.method),
    )
    return Plan(
        experiment=experiment,
        source=source,
        tolerance=extension.tolerance,
        abort_when=extension.abort_when,
        signals=extension.signals,
    )


def _told(limit: AbortWhen) -> str:
    if limit.error_ratio >= 1:
        return "No harm ends it early: all of the requests may fail."
    ratio = 100 * limit.error_ratio
    return f"More than {ratio:g} % of the requests fail for {limit.over_seconds:g} s."


def _proved(signals: list[AnyExpected]) -> list[str]:
    """Return the rules, each once, in the order in which they are expected."""
    return list(dict.fromkeys(each.rule for each in signals if isinstance(each, ExpectedAlert)))
