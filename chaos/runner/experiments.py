"""The experiments that may be run: files in Chaos Toolkit's format, checked and put into words.

Only a part of the format is taken. An activity must be a Python function of
our own probes or faults, because only those can be interrupted; pauses,
background activities and controls cannot, so they are refused.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from chaos.schemas import AbortWhen, Experiment, Tolerance
from chaos.signals.expected import AnyExpected

FOLDER = Path(__file__).resolve().parent.parent / "experiments"

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class ExperimentError(Exception):
    """An experiment's file is not one that can be run; says which file and what is wrong."""


class UnknownExperimentError(ExperimentError):
    """There is no experiment of that name."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Provider(_Part):
    type: Literal["python"]
    module: Annotated[str, StringConstraints(pattern=r"^chaos\.(probes|faults)\.\w+$")]
    func: str
    arguments: dict[str, Any] = {}


class _Activity(_Part):
    type: Literal["probe", "action"]
    name: Words
    provider: _Provider


class _Probe(_Activity):
    type: Literal["probe"]
    tolerance: Literal[True]


class _Hypothesis(_Part):
    title: Words
    probes: Annotated[list[_Probe], Field(min_length=1)]


class _Extension(_Part):
    name: Literal["pharos"]
    blast_radius: Words
    rollback: Words
    tolerance: Tolerance
    abort_when: AbortWhen
    signals: list[AnyExpected] = []


class _File(_Part):
    version: str
    title: Words
    description: Words
    tags: list[str] = []
    hypothesis: _Hypothesis = Field(alias="steady-state-hypothesis")
    method: Annotated[list[_Activity], Field(min_length=1)]
    rollbacks: Annotated[list[_Activity], Field(min_length=1)]
    extensions: Annotated[list[_Extension], Field(min_length=1, max_length=1)]


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
        source = yaml.safe_load(path.read_text(encoding="utf-8"))
        file = _File.model_validate(source)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ExperimentError(f"{path.name}: {error}") from error
    return _plan(name, file, source)


def _plan(name: str, file: _File, source: dict[str, Any]) -> Plan:
    extension = file.extensions[0]
    experiment = Experiment(
        name=name,
        title=file.title,
        description=file.description,
        hypothesis=[probe.name for probe in file.hypothesis.probes],
        action=[activity.name for activity in file.method],
        blast_radius=extension.blast_radius,
        rollback=extension.rollback,
        signals=[signal.words for signal in extension.signals],
    )
    return Plan(
        experiment=experiment,
        source=source,
        tolerance=extension.tolerance,
        abort_when=extension.abort_when,
        signals=extension.signals,
    )
