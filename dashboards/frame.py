"""What every dashboard has around its panels: variables, annotations, and links.

`console` is the console's address. It is a variable with a local stack's as its
value; where Grafana is provisioned it is set to the real one.
"""

from itertools import count

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models

from backend.observability.catalogue import ALERTS
from dashboards.model import Dashboard
from dashboards.panels import DATASOURCE, LOGS, built

GRAFANA = common.DataSourceRef(type_val="grafana", uid="-- Grafana --")
ANY = ".+"
TAG = "pharos"
# Tag of an annotation that the control service writes → its colour.
ANNOTATIONS = {"deploy": "blue", "scale": "purple", "chaos": "red"}
CONSOLE = "http://127.0.0.1:7401"


def build(dashboard: Dashboard) -> models.Dashboard:
    """Return Grafana's model of the dashboard."""
    builder = (
        builders.Dashboard(dashboard.title)
        .uid(dashboard.uid)
        .description(dashboard.description)
        .tags([TAG, "generated"])
        .readonly()
        .refresh("10s")
        .time("now-15m", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .with_variable(_datasource())
        .with_variable(_targets("job", "label_values(up, job)"))
        .with_variable(_targets("instance", 'label_values(up{job=~"$job"}, instance)'))
        .with_variable(_console())
    )
    for tag, colour in ANNOTATIONS.items():
        builder.annotation(_marks(tag, colour))
    builder.annotation(_alerts())
    for link in _links(dashboard):
        builder.link(link)
    _fill(builder, dashboard)
    return builder.build()


def _fill(builder: builders.Dashboard, dashboard: Dashboard) -> None:
    # Links to a panel hold its id: Grafana must not give it a new one at each load.
    ids = count(1)
    for row in dashboard.rows:
        builder.with_row(builders.Row(row.title).id(next(ids)))
        for panel in row.panels:
            builder.with_panel(built(panel).id(next(ids)))


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


def _console() -> builders.ConstantVariable:
    return builders.ConstantVariable("console").label("Console").value(CONSOLE)


def _marks(tag: str, colour: str) -> builders.AnnotationQuery:
    target = builders.AnnotationTarget().type("tags").tags([tag]).limit(100).match_any(False)
    return (
        builders.AnnotationQuery()
        .name(tag.capitalize())
        .datasource(GRAFANA)
        .enable(True)
        .icon_color(colour)
        .target(target)  # type: ignore[arg-type]  # the SDK types it as a data query
    )


def _alerts() -> builders.AnnotationQuery:
    return (
        builders.AnnotationQuery()
        .name("Alerts")
        .datasource(DATASOURCE)
        .enable(True)
        .icon_color("orange")
        .expr(f'{ALERTS.name}{{alertstate="firing",severity=~"page|ticket"}}')
        .step("10s")
        .title_format("{{alertname}}")
        .text_format("{{severity}}")
        .tag_keys("alertname,severity")
    )


def _links(dashboard: Dashboard) -> list[builders.DashboardLink]:
    others = (
        builders.DashboardLink("Dashboards")
        .type(models.DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )
    places = {
        "Console": f"${{console}}/{dashboard.page}",
        "Runbooks": "${console}/alerts",
        "Logs": LOGS,
    }
    return [others, *(_link(title, url) for title, url in places.items())]


def _link(title: str, url: str) -> builders.DashboardLink:
    link = builders.DashboardLink(title).type(models.DashboardLinkType.LINK)
    return link.url(url).icon("external link").target_blank(True)
