"""Mutants that are none: `equivalents.yaml` lists each with the reason why no test can kill it."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alerts.rulebook import ROOM

EQUIVALENTS = ROOM / "equivalents.yaml"


class Equivalent(BaseModel):
    """Names a mutant as `mutate` prints it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    operator: str
    change: str
    reason: str = Field(min_length=20)

    @property
    def key(self) -> tuple[str, str, str]:
        return self.rule, self.operator, self.change


class Listed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    equivalents: list[Equivalent]


class BadEquivalentsError(Exception):
    """The list cannot be read; the message names the entry and the field."""


def load_equivalents(path: Path = EQUIVALENTS) -> list[Equivalent]:
    """Return the list.

    Raises:
        BadEquivalentsError: it is no YAML, or an entry lacks a field; a reason is a sentence.
    """
    try:
        return Listed.model_validate(yaml.safe_load(path.read_text())).equivalents
    except yaml.YAMLError as error:
        raise BadEquivalentsError(f"{path.name} is no YAML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadEquivalentsError(f"{path.name}: {place}: {first['msg']}") from None
