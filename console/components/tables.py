"""Tables as HTML: aligned figures, units in the head, and cells that a test can read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

import streamlit as st

from console.components.markup import Content, asked_at, safe


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; figures stand to the right, and only prose may wrap."""

    title: str
    unit: str = ""
    figures: bool = False
    prose: bool = False

    @property
    def css(self) -> str:
        return "ph-right" if self.figures else "ph-wrap" if self.prose else ""


def show(
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Content]],
    at: datetime | None = None,
) -> None:
    """Show a table under the name by which tests find it; `at` is the moment of its figures."""
    st.html(markup_of(name, columns, rows, at))


def markup_of(
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Content]],
    at: datetime | None = None,
    *,
    head: bool = True,
) -> str:
    """Return the same table as HTML, if need be without its head."""
    heads = "".join(
        f'<th class="{column.css}">{escape(column.title)}'
        f"{f'<small>{escape(column.unit)}</small>' if column.unit else ''}</th>"
        for column in columns
    )
    top = f"<thead><tr>{heads}</tr></thead>" if head else ""
    body = "".join(f"<tr>{_cells(columns, row)}</tr>" for row in rows)
    return (
        f'<div class="ph-scroll"><table class="ph-table" data-table="{escape(name)}"{asked_at(at)}>'
        f"{top}<tbody>{body}</tbody></table></div>"
    )


def _cells(columns: Sequence[Column], row: Sequence[Content]) -> str:
    return "".join(
        f'<td class="{column.css}">{safe(cell)}</td>'
        for column, cell in zip(columns, row, strict=True)
    )
