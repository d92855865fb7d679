"""The alert rules as typed values, and the conventions that each must keep.

Source of the format: Prometheus' rule files, as far as 2.42 knows it. What a
later version added is refused by the model, not by a server that does not start.
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import parse_qs, urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

ROOM = Path(__file__).resolve().parent
RULES = ROOM / "rules"
TESTS = ROOM / "tests"
RUNBOOKS = ROOM / "runbooks"
SECTIONS = ("Meaning", "Impact", "Diagnosis", "Mitigation", "Drill")
# The console's pages, and what each may be asked to show.
PAGES: dict[str, frozenset[str]] = {
    "load": frozenset(),
    "replicas": frozenset({"replica"}),
    "chaos": frozenset(),
    "timeline": frozenset(),
    "alerts": frozenset({"alert"}),
    "logs": frozenset({"query", "since", "level", "component", "request_id"}),
    "dashboards": frozenset({"dashboard"}),
}
_PROMQL = re.compile(r"^ *```promql( empty)?\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Severity(StrEnum):
    """`page`: a person is needed now. `ticket`: within days. `none`: a mere sign of life."""

    PAGE = "page"
    TICKET = "ticket"
    NONE = "none"


class Team(StrEnum):
    """`product`: who writes the backend. `platform`: who runs what it stands on."""

    PRODUCT = "product"
    PLATFORM = "platform"


class Labels(Strict):
    """`component`: the part whose own death explains this alert, if there is one.

    It makes one incident of them (`symptoms.py` tells which are held back).
    """

    severity: Severity
    team: Team
    component: str | None = None


class Annotations(Strict):
    """`summary` names what is wrong with its value; URLs are relative (see the room)."""

    summary: str
    description: str
    runbook_url: str
    console_url: str
    dashboard_url: str = Field(pattern=r"^/d/[a-z-]+$")

    @field_validator("console_url")
    @classmethod
    def _known_page(cls, url: str) -> str:
        parts = urlsplit(url)
        page = parts.path.removeprefix("/")
        if page not in PAGES or not url.startswith(f"/{page}"):
            raise ValueError(f"{url} leads to no page: known are {', '.join(sorted(PAGES))}")
        unknown = parse_qs(parts.query, keep_blank_values=True).keys() - PAGES[page]
        if unknown:
            raise ValueError(f"/{page} cannot be asked for {', '.join(sorted(unknown))}")
        return url


def _kind(rule: object) -> str:
    recording = isinstance(rule, Recording) or (isinstance(rule, dict) and "record" in rule)
    return "record" if recording else "alert"


_EITHER = Discriminator(_kind)


class Rule(Strict):
    """One alert. `for` and `keep_firing_for` are Prometheus durations."""

    alert: str = Field(pattern=r"^([A-Z][a-z0-9]+)+$")
    expr: str
    for_: str = Field(alias="for", pattern=r"^[0-9]+[smh]$")
    keep_firing_for: str | None = None
    labels: Labels
    annotations: Annotations


class Recording(Strict):
    """One series that Prometheus computes, named level:metric:operations."""

    record: str = Field(pattern=r"^[a-z_]+:[a-z_]+:[a-z0-9_]+$")
    expr: str
    labels: dict[str, str] = {}


class Group(Strict):
    name: str
    interval: str | None = None
    limit: int | None = None
    rules: list[
        Annotated[Annotated[Recording, Tag("record")] | Annotated[Rule, Tag("alert")], _EITHER]
    ]


class RuleFile(Strict):
    groups: list[Group]


class RunbookQuery(NamedTuple):
    """One block of a runbook; `empty_when_well`: it finds nothing unless something is wrong."""

    promql: str
    empty_when_well: bool


def load_rules(folder: Path = RULES) -> list[Rule]:
    """Return every alert of the folder's files.

    Raises:
        ValidationError: a file breaks the format or a convention of its fields.
    """
    return [rule for rule in _all(folder) if isinstance(rule, Rule)]


def load_recordings(folder: Path = RULES) -> list[Recording]:
    """Return every recording rule of the folder's files; raises as `load_rules` does."""
    return [rule for rule in _all(folder) if isinstance(rule, Recording)]


def _all(folder: Path) -> list[Rule | Recording]:
    files = [
        RuleFile.model_validate(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))
        for path in rule_files(folder)
    ]
    return [rule for file in files for group in file.groups for rule in group.rules]


def rule_files(folder: Path = RULES) -> list[Path]:
    """Return the files that Prometheus loads, in a stable order."""
    return sorted(folder.glob("*.yaml"))


def runbook(alert: str, folder: Path = RUNBOOKS) -> Path:
    """Return the page of an alert: its name decides where it is."""
    return folder / f"{alert}.md"


def runbook_queries(page: Path) -> list[RunbookQuery]:
    """Return the queries of a runbook's `promql` and `promql empty` blocks."""
    blocks = _PROMQL.findall(page.read_text())
    return [RunbookQuery(" ".join(text.split()), bool(mark)) for mark, text in blocks]


def broken_conventions(rules: list[Rule], runbooks: Path = RUNBOOKS) -> list[str]:
    """Return a sentence for each convention that a rule does not keep."""
    found = [f"{name}: there are two alerts of this name and severity" for name in _repeated(rules)]
    for rule in rules:
        page = runbook(rule.alert, runbooks)
        if rule.annotations.runbook_url != f"alerts/runbooks/{page.name}":
            found.append(f"{rule.alert}: its runbook_url is not alerts/runbooks/{page.name}")
        if "$value" not in rule.annotations.summary:
            found.append(f"{rule.alert}: its summary does not tell the value")
        found += [f"{rule.alert}: its runbook {lack}" for lack in _lacks(page)]
    return found


def _repeated(rules: list[Rule]) -> list[str]:
    keys = [(rule.alert, rule.labels.severity) for rule in rules]
    return sorted({key[0] for key in keys if keys.count(key) > 1})


def _lacks(page: Path) -> list[str]:
    if not page.exists():
        return [f"{page.name} is missing"]
    text = page.read_text()
    lacks = [f"has no section {name}" for name in SECTIONS if f"\n## {name}\n" not in text]
    return lacks if runbook_queries(page) else [*lacks, "has no query to diagnose with"]
