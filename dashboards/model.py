"""What a dashboard of ours says: rows of panels, each with its queries.

How it becomes Grafana's JSON is in `frame` (variables, annotations, links) and
`panels`: that is not left to a dashboard's author.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a panel shows its queries; the value is Grafana's id of the panel type."""

    LINES = "timeseries"
    STAT = "stat"
    BARS = "bargauge"
    TABLE = "table"
    STATES = "state-timeline"
    HEATMAP = "heatmap"

    @property
    def instant(self) -> bool:
        """True for what shows one moment instead of a stretch of time."""
        return self in {Form.STAT, Form.BARS, Form.TABLE}


@dataclass(frozen=True, slots=True)
class Line:
    """One query of a panel; `legend` may hold `{{label}}`.

    `after` names what must have happened before it returns anything: a failure,
    a drill, or a part that not every stack has.
    """

    legend: str
    expr: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What a value means, in a word and a colour of Grafana's."""

    value: int
    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Panel:
    """`unit` is Grafana's id of it (`reqps`, `s`, `percentunit`).

    `bad_from` is the value from which on (or, with `bad_below`, below which) the
    panel turns red. `requests` marks times of requests: exemplars are shown, and
    a click leads to the log lines of that time.
    """

    title: str
    description: str
    unit: str
    lines: tuple[Line, ...]
    width: int = 8
    form: Form = Form.LINES
    minimum: float | None = 0
    bad_from: float | None = None
    bad_below: float | None = None
    states: tuple[State, ...] = ()
    requests: bool = False
    stacked: bool = False

    @property
    def told(self) -> str:
        """The description, with what must happen before there is anything to see."""
        reasons = tuple(dict.fromkeys(line.after for line in self.lines if line.after))
        if not reasons:
            return self.description
        which = "Empty" if all(line.after for line in self.lines) else "In part empty"
        return f"{self.description} {which} until {' or '.join(reasons)}."


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`uid` is part of its URL, `/d/UID`; `page` is where the console shows the like."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    page: str = "load"

    @property
    def panels(self) -> Iterator[Panel]:
        return (panel for row in self.rows for panel in row.panels)
