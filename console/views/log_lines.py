"""Log lines, each of which opens to its fields, and the way of one request as a timeline."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlencode

import streamlit as st

from console.components import markup, tables
from console.components.markup import Content, Raw
from console.components.place import zone
from console.components.tables import Column
from console.schemas import LogLine

TONES: dict[str, markup.Tone] = {"warning": "warn", "error": "bad", "critical": "bad"}
WAY = (
    Column("Component"),
    Column("What", prose=True),
    Column("Begins", "ms", figures=True),
    Column("Takes", "ms", figures=True),
    Column("When"),
)


def show(lines: Sequence[LogLine]) -> None:
    """Show the lines in their order; choosing one shows its fields."""
    rows = "".join(_line(line) for line in lines)
    st.html(f'<div class="ph-lines" data-table="log-lines">{rows}</div>')


def _line(line: LogLine) -> str:
    tone = TONES.get(line.level, "muted")
    return (
        f'<details class="ph-line"><summary><time>{_clock(line.at)}</time>'
        f'<span class="ph-level ph-{tone}">{escape(line.level)}</span>'
        f'<span class="ph-muted">{escape(line.component)}</span>'
        f"<span>{escape(line.message)}</span></summary>"
        f"{markup.facts((name, _value(name, value)) for name, value in sorted(_told(line)))}"
        "</details>"
    )


def _told(line: LogLine) -> list[tuple[str, object]]:
    return [(name, value) for name, value in line.fields.items() if value is not None]


def _value(name: str, value: object) -> Content:
    text = str(value)
    if name == "http.request.id":
        address = f"/logs?{urlencode({'request_id': text, 'since': '1d'})}"
        return Raw(markup.place(text, address, own=True))
    if name == "error.stack_trace":
        return Raw(f"<pre>{escape(text)}</pre>")
    return text


def show_way(lines: Sequence[LogLine]) -> None:
    """Show what each process did for a request, by when it began; bars share one scale."""
    spans = sorted((_span(line) for line in lines), key=lambda span: span[0])
    first = spans[0][0]
    length = max((begin + took - first for begin, took, _ in spans), default=timedelta())
    rows = [_step(span, first, length) for span in spans]
    tables.show("request-way", WAY, rows)


def _span(line: LogLine) -> tuple[datetime, timedelta, LogLine]:
    took = timedelta(microseconds=int(line.fields.get("event.duration") or 0) / 1000)
    return line.at - took, took, line


def _step(
    span: tuple[datetime, timedelta, LogLine], first: datetime, length: timedelta
) -> list[Content]:
    begin, took, line = span
    whole = length.total_seconds() or 1.0
    left = 100 * (begin - first).total_seconds() / whole
    width = max(100 * took.total_seconds() / whole, 0.6)
    bar = f'<i class="ph-span" style="margin-left:{min(left, 99):.1f}%;width:{width:.1f}%"></i>'
    return [
        line.component,
        line.message,
        f"{(begin - first).total_seconds() * 1000:,.1f}",
        f"{took.total_seconds() * 1000:,.1f}" if took else "",
        Raw(f'<div class="ph-spans">{bar}</div>'),
    ]


def _clock(at: datetime) -> str:
    return f"{at.astimezone(zone()):%d %b %H:%M:%S.%f}"[:-3]
