"""Small pieces of HTML; whatever comes from outside is escaped here, once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal
from urllib.parse import quote

from console.clients.queries import Query

Tone = Literal["", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Raw:
    """Markup that is already safe."""

    html: str


Content = str | Raw


def safe(content: Content) -> str:
    return content.html if isinstance(content, Raw) else escape(content)


def dot() -> str:
    return '<span class="ph-dot"></span>'


def chip(text: Content, tone: Tone = "", *, name: str = "", title: str = "") -> str:
    """Return a pill; `name` is the hook by which tests find it."""
    return (
        f'<span class="ph-chip ph-{tone}" data-chip="{escape(name)}" title="{escape(title)}">'
        f"{dot()}<b>{safe(text)}</b></span>"
    )


def state(text: str, tone: Tone = "") -> Raw:
    """Return a state with its dot, for a table's cell."""
    return Raw(f'<span class="ph-state ph-{tone or "muted"}">{dot()}{escape(text)}</span>')


def reading(query: Query, value: float | None, text: str, of: str = "") -> str:
    """Return a number that says what it is: its query as tooltip, all its digits as data."""
    digits = "" if value is None else repr(value)
    return (
        f'<span data-reading="{escape(query.name)}" data-of="{escape(of)}" '
        f'data-value="{digits}" title="{escape(query.promql)}">{escape(text)}</span>'
    )


def asked_at(at: datetime | None) -> str:
    """Return the attribute that tells for which moment (Unix seconds) figures were asked."""
    return "" if at is None else f' data-at="{at.timestamp()}"'


def place(words: str, url: str | None, *, own: bool = False) -> str:
    """Return a link to a web address, or with `own` to one of the console's pages; else nothing.

    An address comes from outside: a scheme that runs code in the page is none.
    """
    if url and url.startswith(("http://", "https://")):
        return f'<a href="{escape(url)}" target="_blank" rel="noreferrer">{escape(words)}</a>'
    if own and url and url.startswith("/") and not url.startswith(("//", "/\\")):
        return f'<a href="{escape(url)}" target="_self">{escape(words)}</a>'
    return ""


def section(title: str, note: Content = "", told: str = "") -> str:
    """Return a heading with a note beside it; `told` is its tooltip."""
    tip = f' title="{escape(told)}"' if told else ""
    return f'<div class="ph-section"{tip}><h2>{escape(title)}</h2><span>{safe(note)}</span></div>'


def facts(pairs: Iterable[tuple[str, Content]]) -> str:
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{safe(value)}</dd>" for term, value in pairs)
    return f'<dl class="ph-facts">{rows}</dl>'


def trend(values: Sequence[float | None]) -> str:
    """Return a small curve from zero to its highest value; empty without two points.

    Drawn as a mask, since Streamlit removes SVG elements from what it shows.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return '<div class="ph-trend"></div>'
    top = max(value for _, value in known) or 1.0
    width = max(len(values) - 1, 1)
    points = " ".join(
        f"{100 * place / width:.1f},{28 - 26 * value / top:.1f}" for place, value in known
    )
    first, last = 100 * known[0][0] / width, 100 * known[-1][0] / width
    area = f'<polygon points="{first:.1f},30 {points} {last:.1f},30"/>'
    line = (
        f'<polyline points="{points}" fill="none" stroke="#000" stroke-width="1.6" '
        'vector-effect="non-scaling-stroke" stroke-linejoin="round"/>'
    )
    return f'<div class="ph-trend">{_masked(area)}{_masked(line)}</div>'


def _masked(shape: str) -> str:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 30" '
        f'preserveAspectRatio="none">{shape}</svg>'
    )
    mask = f"url(&quot;data:image/svg+xml,{quote(drawing)}&quot;) 0 0/100% 100% no-repeat"
    return f'<i style="-webkit-mask:{mask};mask:{mask}"></i>'
