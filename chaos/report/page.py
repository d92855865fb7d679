"""The report as one HTML file that needs nothing beside it: no scripts, no other files."""

import re
from collections.abc import Sequence
from html import escape

from chaos.report.charts import Chart, svg
from chaos.report.sections import Section

STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600 }
td, th { border-bottom: 1px solid #8884; padding: .3rem .6rem .3rem 0; vertical-align: top }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif } text { fill: #667 }
figure { margin: 1.5rem 0 } figcaption { font-weight: 600 }
.curve { fill: none; stroke: #2463b4; stroke-width: 1.5 } .axis { stroke: #8888 }
.fault { fill: #d9730d; opacity: .18 } .mark { stroke: #b3261e; stroke-dasharray: 3 3 }
"""
_STRONG = re.compile(r"\*\*(.+?)\*\*")


def page(title: str, sections: Sequence[Section], charts: Sequence[Chart]) -> str:
    """Return the whole file."""
    pictures = "".join(svg(chart) for chart in charts)
    felt = f"<section><h2>What users felt</h2>{pictures}</section>" if charts else ""
    first, *rest = [_section(section) for section in sections]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{first}\n{felt}\n{chr(10).join(rest)}\n</body></html>\n"
    )


def _section(section: Section) -> str:
    lines = "".join(f"<p>{_inline(line)}</p>" for line in section.lines)
    return f"<section><h2>{escape(section.title)}</h2>{lines}{_table(section.table)}</section>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head, *body = rows
    return f"<table>{_row(head, 'th')}{''.join(_row(row, 'td') for row in body)}</table>"


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{_inline(text)}</{tag}>' for text in cells)}</tr>"


def _inline(text: str) -> str:
    return _STRONG.sub(r"<strong>\1</strong>", escape(text))
