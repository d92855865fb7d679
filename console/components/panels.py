"""Grafana's panels drawn plainly: lines, single figures, bars, tables, states, heatmaps."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

import streamlit as st

from console.clients.boards import LINE, Panel
from console.clients.panels import Answer
from console.clients.readings import Curves, Window
from console.components import charts, heatmap, markup, tables
from console.components.charts import Around, Chart
from console.components.markup import Content, Raw
from console.components.numbers import clock
from console.components.place import zone
from console.components.tables import Column
from console.components.units import unit_for

TONES: Mapping[str, markup.Tone] = {"green": "good", "orange": "warn", "red": "bad"}
NOTHING = "Nothing in this window"
# A page in a window of 1,440 pixels, and the mean width of a letter of a legend.
PAGE_PIXELS, NAME_PIXELS = 1400, 6.5


def over_time(name: str, panel: Panel, curves: Curves, window: Window, around: Around) -> None:
    """Show a panel of series over time."""
    if panel.kind == "state-timeline":
        _framed(name, panel, _timeline(panel, curves, window))
        return
    values = [value for series in curves.values() for value in series]
    if not values:
        _framed(name, panel, f'<div class="ph-blank ph-tall">{_why_empty(panel)}</div>')
        return
    if panel.kind == "heatmap":
        with _frame(name, panel):
            heatmap.show(f"vega-{name}", curves, window, panel.unit)
        return
    unit = unit_for(panel.unit, values)
    chart = Chart(
        name,
        panel.title,
        unit.name,
        unit.factor,
        stacked=panel.stacked,
        told=panel.description,
        columns=_columns(panel, curves),
    )
    charts.show(chart, curves, window, _palette(curves), around)


def now(name: str, panel: Panel, found: Sequence[Sequence[Answer]]) -> None:
    """Show a panel of values of one moment."""
    shapes = {"stat": _figure, "bargauge": _bars, "table": _table}
    if any(found):
        _framed(name, panel, shapes[panel.kind](panel, found))
    else:
        _framed(name, panel, f'<div class="ph-blank ph-short">{_why_empty(panel)}</div>')


def failed(name: str, panel: Panel, words: str) -> None:
    """Show why a panel has no answer, in the panel's own place."""
    _framed(name, panel, f'<div class="ph-blank ph-short">{escape(words)}</div>')


def _why_empty(panel: Panel) -> str:
    _, until, reason = panel.description.partition("mpty until ")
    return escape(f"Empty until {reason}" if until else NOTHING)


def _frame(name: str, panel: Panel) -> Any:
    frame = st.container(key=f"chart-{name}", gap=None)
    frame.html(markup.section(panel.title, "", panel.description))
    return frame


def _framed(name: str, panel: Panel, body: str) -> None:
    _frame(name, panel).html(body)


def _columns(panel: Panel, curves: Curves) -> int:
    """Return how many names a line of the legend holds in a wide window: a longer one is cut."""
    longest = max((len(name) for name in curves), default=0)
    room = PAGE_PIXELS * panel.place.w / LINE - 40
    return max(1, min(charts.LEGEND_COLUMNS, int(room / (NAME_PIXELS * longest + 34))))


def _palette(curves: Curves) -> Mapping[str, str]:
    """Return fixed colours for what has a meaning; names of statuses go by their class."""
    known = {name: charts.STATUS[f"{name[0]}xx"] for name in curves if _is_status(name)}
    return {**charts.QUANTILES, **charts.STATUS, **known} if len(known) < 2 else charts.QUANTILES


def _is_status(name: str) -> bool:
    return len(name) == 3 and name.isdecimal() and f"{name[0]}xx" in charts.STATUS


def _figure(panel: Panel, found: Sequence[Sequence[Answer]]) -> str:
    value = found[0][0].value if found[0] else None
    unit = unit_for(panel.unit, [value])
    tone = "" if value is None else " ph-bad" if panel.is_bad(value) else ""
    return (
        f'<div class="ph-figure{tone}" data-value="{"" if value is None else repr(value)}">'
        f"{escape(unit.write(value))}"
        f'<span class="ph-unit">{escape(unit.name)}</span></div>'
    )


def _bars(panel: Panel, found: Sequence[Sequence[Answer]]) -> str:
    answers = sorted((each for group in found for each in group), key=lambda each: each.name)
    top = max((each.value or 0 for each in answers), default=0) or 1
    unit = unit_for(panel.unit, [each.value for each in answers])
    rows: list[list[Content]] = [
        [
            each.name,
            _bar(max(0.0, (each.value or 0) / top)),
            f"{unit.write(each.value)} {unit.name}".strip(),
        ]
        for each in answers
    ]
    return tables.markup_of(
        panel.title, (Column(""), Column(""), Column("", figures=True)), rows, head=False
    )


def _bar(share: float) -> Raw:
    return Raw(f'<div class="ph-bar"><i style="width:{100 * share:.0f}%"></i></div>')


def _table(panel: Panel, found: Sequence[Sequence[Answer]]) -> str:
    labels = sorted({label for group in found for each in group for label in each.labels})
    unit = unit_for(panel.unit, [each.value for group in found for each in group])
    rows: dict[tuple[str, ...], dict[int, float | None]] = {}
    for place, group in enumerate(found):
        for each in group:
            row = tuple(each.labels.get(label, "") for label in labels)
            rows.setdefault(row, {})[place] = each.value
    columns = [Column(label) for label in labels]
    columns += [Column(target.legend, unit.name, figures=True) for target in panel.targets]
    body: list[list[Content]] = [
        [*row, *(unit.write(values.get(place)) for place in range(len(found)))]
        for row, values in sorted(rows.items())
    ]
    return tables.markup_of(panel.title, columns, body)


def _timeline(panel: Panel, curves: Curves, window: Window) -> str:
    if not curves:
        return f'<div class="ph-blank ph-short">{_why_empty(panel)}</div>'
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{_strip(panel, values, window)}</dd>"
        for name, values in sorted(curves.items(), key=lambda item: charts.natural(item[0]))
    )
    return f'<dl class="ph-strips">{rows}</dl>'


def _strip(panel: Panel, values: Sequence[float | None], window: Window) -> str:
    """Return a series as stretches of one value each; a gap stays a gap."""
    meanings, times, pieces, place = panel.meanings, window.times, [], 0
    for value, run in groupby(values):
        length = len(list(run))
        meaning = meanings.get(value) if value is not None else None
        words = meaning.text if meaning else "not known" if value is None else f"{value:g}"
        tone = TONES.get(meaning.color, "") if meaning else "gap"
        told = f"{words} from {clock(times[place], zone())}"
        pieces.append(f'<i class="ph-{tone}" style="flex:{length}" title="{escape(told)}"></i>')
        place += length
    return "".join(pieces)
