"""The part of Chaos Toolkit's format that is taken, and our own `pharos` extension of it.

An activity must be a Python function of our own probes or faults, because only
those can be interrupted; pauses, background activities and controls cannot, so
they are refused.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chaos.schemas import AbortWhen, Tolerance
from chaos.signals.expected import AnyExpected

# Parts of a stack that are there only when it was started `--with` them.
Need = Literal["elk", "errors", "faults", "history"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Provider(Part):
    type: Literal["python"]
    module: Annotated[str, StringConstraints(pattern=r"^chaos\.(probes|faults)\.\w+$")]
    func: str
    arguments: dict[str, Any] = {}


class Activity(Part):
    type: Literal["probe", "action"]
    name: Words
    provider: Provider


class Probe(Activity):
    type: Literal["probe"]
    tolerance: Literal[True]


class Hypothesis(Part):
    title: Words
    probes: Annotated[list[Probe], Field(min_length=1)]


class Extension(Part):
    name: Literal["pharos"]
    blast_radius: Words
    rollback: Words
    tolerance: Tolerance
    abort_when: AbortWhen
    needs: list[Need] = []
    signals: list[AnyExpected] = []


class File(Part):
    version: str
    title: Words
    description: Words
    tags: list[Words] = []
    hypothesis: Hypothesis = Field(alias="steady-state-hypothesis")
    method: Annotated[list[Activity], Field(min_length=1)]
    rollbacks: Annotated[list[Activity], Field(min_length=1)]
    extensions: Annotated[list[Extension], Field(min_length=1, max_length=1)]
