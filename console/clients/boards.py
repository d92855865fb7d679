"""Grafana's dashboards as the console reads them: the same files, without a Grafana.

Format: Grafana's dashboard JSON, as far as ours use it; the files lie in
`dashboards/json`. Only a panel's queries, form, unit and meaning are read.
"""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from deploy.home import PROJECT

JSON = PROJECT / "dashboards" / "json"
# Their order on the page: from the whole to its parts.
ORDER = ("overview", "api", "events", "dependencies", "replicas", "alerting")
LINE = 24  # the width of Grafana's grid


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Target(_Read):
    """One query; its legend may hold `{{label}}`."""

    expr: str
    legend: str = Field(alias="legendFormat")


class Meaning(_Read):
    """What a value means, in a word and a colour of Grafana's."""

    text: str
    color: str


class Place(_Read):
    x: int
    y: int
    w: int


class Panel(_Read):
    """A panel of Grafana's; `kind` is its type (`timeseries`, `stat`, `row`, …)."""

    id: int
    kind: str = Field(alias="type")
    title: str
    description: str = ""
    place: Place = Field(alias="gridPos")
    targets: tuple[Target, ...] = ()
    field_config: dict[str, Any] = Field(default={}, alias="fieldConfig")
    options: dict[str, Any] = {}

    @property
    def defaults(self) -> dict[str, Any]:
        return dict(self.field_config.get("defaults", {}))

    @property
    def unit(self) -> str:
        return str(self.defaults.get("unit", "short"))

    @property
    def stacked(self) -> bool:
        stacking = self.defaults.get("custom", {}).get("stacking", {})
        return bool(stacking.get("mode") == "normal")

    @property
    def meanings(self) -> dict[float, Meaning]:
        """Return the words for values; empty where a value is a number."""
        options = [each["options"] for each in self.defaults.get("mappings") or []]
        return {
            float(value): Meaning.model_validate(meaning)
            for each in options
            for value, meaning in each.items()
        }

    def is_bad(self, value: float) -> bool:
        """Return whether the panel's thresholds make this value red."""
        steps = self.defaults.get("thresholds", {}).get("steps", [])
        reached = [step for step in steps if step.get("value") is None or value >= step["value"]]
        return bool(reached) and reached[-1]["color"] == "red"


class Board(_Read):
    """A dashboard: its rows of panels, each row under its title."""

    uid: str
    title: str
    description: str
    panels: tuple[Panel, ...]

    @property
    def name(self) -> str:
        return self.title.removeprefix("Pharos / ")

    @property
    def about(self) -> str:
        """The description, without where its source is."""
        return self.description.partition(" Generated:")[0]

    @property
    def rows(self) -> list[tuple[str, list[list[Panel]]]]:
        """Return the rows' titles with their panels, in lines as wide as Grafana's."""
        rows: list[tuple[str, list[list[Panel]]]] = []
        for panel in self.panels:
            if panel.kind == "row":
                rows.append((panel.title, []))
                continue
            lines = rows[-1][1]
            if lines and lines[-1][-1].place.y == panel.place.y:
                lines[-1].append(panel)
            else:
                lines.append([panel])
        return rows


@cache
def boards(folder: Path = JSON) -> dict[str, Board]:
    """Return the dashboards by uid.

    Raises:
        FileNotFoundError: one is missing: the clone is not complete.
        ValidationError: a file is not what `pharos dashboards build` writes.
    """
    files = [folder / f"{name}.json" for name in ORDER]
    found = [Board.model_validate_json(file.read_text()) for file in files]
    return {board.uid: board for board in found}
