"""What a dashboard of ours says, and how it becomes Grafana's JSON.

Every panel has a title, a description, a unit and the data source variable, and
every dashboard the same variables and annotations: that is not left to its author.
"""

from dataclasses import dataclass
from itertools import count

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import prometheus, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

DATASOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
GRAFANA = common.DataSourceRef(type_val="grafana", uid="-- Grafana --")
ANY = ".+"
# Tag of an annotation that the control service writes → its colour.
ANNOTATIONS = {"deploy": "blue", "scale": "purple", "chaos": "red"}
PANEL_HEIGHT = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One query of a panel; `legend` may hold `{{label}}`."""

    legend: str
    expr: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart over time. `unit` is Grafana's id of it (`reqps`, `s`, `percentunit`)."""

    title: str
    description: str
    unit: str
    lines: tuple[Line, ...]
    width: int = 8
    minimum: float | None = 0


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`uid` is part of its URL, `/d/UID`."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]


def build(dashboard: Dashboard) -> models.Dashboard:
    """Return Grafana's model of the dashboard."""
    builder = (
        builders.Dashboard(dashboard.title)
        .uid(dashboard.uid)
        .description(dashboard.description)
        .tags(["pharos", "generated"])
        .readonly()
        .refresh("10s")
        .time("now-15m", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .with_variable(_datasource())
        .with_variable(_targets("job", "label_values(up, job)"))
        .with_variable(_targets("instance", 'label_values(up{job=~"$job"}, instance)'))
    )
    for tag, colour in ANNOTATIONS.items():
        builder.annotation(_annotation(tag, colour))
    # Links to a panel hold its id: Grafana must not give it a new one at each load.
    ids = count(1)
    for row in dashboard.rows:
        builder.with_row(builders.Row(row.title).id(next(ids)))
        for panel in row.panels:
            builder.with_panel(_panel(panel).id(next(ids)))
    return builder.build()


def _datasource() -> builders.DatasourceVariable:
    return builders.DatasourceVariable("datasource").label("Data source").type("prometheus")


def _targets(name: str, query: str) -> builders.QueryVariable:
    return (
        builders.QueryVariable(name)
        .label(name.capitalize())
        .datasource(DATASOURCE)
        .query(query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(ANY)
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def _annotation(tag: str, colour: str) -> builders.AnnotationQuery:
    target = builders.AnnotationTarget().type("tags").tags([tag]).limit(100).match_any(False)
    return (
        builders.AnnotationQuery()
        .name(tag.capitalize())
        .datasource(GRAFANA)
        .enable(True)
        .icon_color(colour)
        .target(target)  # type: ignore[arg-type]  # the SDK types it as a data query
    )


def _panel(panel: Panel) -> timeseries.Panel:
    builder = (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.description)
        .datasource(DATASOURCE)
        .unit(panel.unit)
        .span(panel.width)
        .height(PANEL_HEIGHT)
        .legend(common_builders.VizLegendOptions().show_legend(True))
        .tooltip(common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI))
    )
    if panel.minimum is not None:
        builder.min(panel.minimum)
    for index, line in enumerate(panel.lines):
        builder.with_target(_query(chr(ord("A") + index), line))
    return builder


def _query(ref: str, line: Line) -> prometheus.Dataquery:
    query = prometheus.Dataquery().datasource(DATASOURCE).ref_id(ref)
    return query.expr(line.expr).legend_format(line.legend).range()
