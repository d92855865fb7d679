"""How a panel becomes Grafana's JSON, by its form."""

from collections.abc import Callable
from typing import Any

from grafana_foundation_sdk.builders import (
    bargauge,
    heatmap,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards.model import Form, Line, Panel

DATASOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
HEIGHTS = {Form.STAT: 4}
HEIGHT = 8
LOGS = "${console}/logs?since=15m"

# The SDK's builders have no common type.
Builder = Any


def built(panel: Panel) -> Builder:
    """Return Grafana's builder of the panel, complete but for its id."""
    builder = _FORMS[panel.form](panel)
    builder.title(panel.title).description(panel.told).datasource(DATASOURCE).unit(panel.unit)
    builder.span(panel.width).height(HEIGHTS.get(panel.form, HEIGHT))
    if panel.minimum is not None:
        builder.min(panel.minimum)
    if panel.requests:
        builder.data_links([builders.DashboardLink("Log lines").url(LOGS)])
    if panel.states:
        builder.mappings([_mapping(panel)])
    _thresholds(builder, panel)
    for index, line in enumerate(panel.lines):
        builder.with_target(_query(chr(ord("A") + index), line, panel))
    return builder


def _lines(panel: Panel) -> Builder:
    builder = timeseries.Panel().legend(_legend()).tooltip(_tooltip())
    if panel.stacked:
        stacking = common_builders.StackingConfig().mode(common.StackingMode.NORMAL)
        builder.stacking(stacking).fill_opacity(30)
    return builder


def _stat(panel: Panel) -> Builder:  # noqa: ARG001
    return stat.Panel().reduce_options(_last()).graph_mode(common.BigValueGraphMode.NONE)


def _bars(panel: Panel) -> Builder:  # noqa: ARG001
    return (
        bargauge.Panel()
        .reduce_options(_last())
        .orientation(common.VizOrientation.HORIZONTAL)
        .display_mode(common.BarGaugeDisplayMode.BASIC)
    )


def _table(panel: Panel) -> Builder:
    """Several queries become columns, a row a label's value; the time says nothing here."""
    builder = table.Panel().show_header(True)
    if len(panel.lines) > 1:
        builder.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
    columns = {_value_of(panel, index): line.legend for index, line in enumerate(panel.lines)}
    organised = {"excludeByName": {"Time": True}, "renameByName": columns}
    return builder.with_transformation(
        models.DataTransformerConfig(id_val="organize", options=organised)
    )


def _value_of(panel: Panel, index: int) -> str:
    return f"Value #{chr(ord('A') + index)}" if len(panel.lines) > 1 else "Value"


def _states(panel: Panel) -> Builder:  # noqa: ARG001
    return (
        statetimeline.Panel()
        .legend(_legend())
        .tooltip(_tooltip())
        .show_value(common.VisibilityMode.AUTO)
        .merge_values(True)
        .row_height(0.8)
    )


def _heatmap(panel: Panel) -> Builder:
    axis = heatmap.YAxisConfig().unit(panel.unit)
    return heatmap.Panel().calculate(False).y_axis(axis).hide_legend()


_FORMS: dict[Form, Callable[[Panel], Builder]] = {
    Form.LINES: _lines,
    Form.STAT: _stat,
    Form.BARS: _bars,
    Form.TABLE: _table,
    Form.STATES: _states,
    Form.HEATMAP: _heatmap,
}


def _legend() -> Builder:
    return common_builders.VizLegendOptions().show_legend(True)


def _tooltip() -> Builder:
    return common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)


def _last() -> Builder:
    return common_builders.ReduceDataOptions().calcs(["lastNotNull"])


def _mapping(panel: Panel) -> models.ValueMap:
    return models.ValueMap(
        options={
            str(state.value): models.ValueMappingResult(text=state.text, color=state.colour)
            for state in panel.states
        }
    )


def _thresholds(builder: Builder, panel: Panel) -> None:
    steps = [models.Threshold(value=None, color="green")]
    if panel.bad_from is not None:
        steps.append(models.Threshold(value=panel.bad_from, color="red"))
    if panel.bad_below is not None:
        steps = [
            models.Threshold(value=None, color="red"),
            models.Threshold(value=panel.bad_below, color="green"),
        ]
    builder.thresholds(builders.ThresholdsConfig().steps(steps))
    marked = panel.bad_from is not None or panel.bad_below is not None
    if panel.form is Form.LINES and marked:
        style = common_builders.GraphThresholdsStyleConfig()
        builder.thresholds_style(style.mode(common.GraphThresholdsStyleMode.DASHED))


def _query(ref: str, line: Line, panel: Panel) -> Builder:
    query = prometheus.Dataquery().datasource(DATASOURCE).ref_id(ref)
    query.expr(line.expr).legend_format(line.legend)
    if panel.form is Form.TABLE:
        query.format(PromQueryFormat.TABLE)
    if panel.form is Form.HEATMAP:
        query.format(PromQueryFormat.HEATMAP)
    if panel.requests and not panel.form.instant:
        query.exemplar(True)
    return query.instant() if panel.form.instant else query.range()
