"""A curve over a drill's time as inline SVG: no scripts, the fault's window shaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import isfinite

from chaos.probes.prometheus import Curve

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 160, 60, 12, 22


@dataclass(frozen=True, slots=True)
class Chart:
    """One curve with its unit; times are Unix seconds. `marks` are moments with their names."""

    title: str
    unit: str
    curve: Curve
    start: float
    end: float
    faults: Sequence[tuple[float, float]] = ()
    marks: Sequence[tuple[float, str]] = ()


def svg(chart: Chart) -> str:
    """Return the picture; a chart without any point says so."""
    points = [(at, value) for at, value in chart.curve if isfinite(value)]
    highest = max((value for _, value in points), default=0.0) or 1.0
    body = [
        *(_shade(chart, fault) for fault in chart.faults),
        _axis(chart, highest),
        *(_mark(chart, each) for each in chart.marks),
    ]
    if points:
        body += [_line(chart, part, highest) for part in _unbroken(points)]
    else:
        body.append(f'<text x="{LEFT + 8}" y="{HEIGHT // 2}">no samples of this time</text>')
    return (
        f"<figure><figcaption>{escape(chart.title)}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(chart.title)}">'
        f"{''.join(body)}</svg></figure>"
    )


def _x(chart: Chart, at: float) -> float:
    share = (at - chart.start) / max(chart.end - chart.start, 1.0)
    return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT)


def _y(value: float, highest: float) -> float:
    return TOP + (1 - value / highest) * (HEIGHT - TOP - BOTTOM)


def _unbroken(points: Curve) -> list[Curve]:
    """Cut the curve where samples are missing: a gap is no straight line."""
    usual = min((b[0] - a[0] for a, b in pairwise(points)), default=1.0)
    parts: list[Curve] = [[points[0]]]
    for before, point in pairwise(points):
        if point[0] - before[0] > 1.5 * usual:
            parts.append([])
        parts[-1].append(point)
    return parts


def _line(chart: Chart, points: Curve, highest: float) -> str:
    path = " ".join(f"{_x(chart, at):.1f},{_y(value, highest):.1f}" for at, value in points)
    return f'<polyline class="curve" points="{path}"/>'


def _shade(chart: Chart, fault: tuple[float, float]) -> str:
    left, right = (_x(chart, at) for at in fault)
    width = max(right - left, 1.0)
    box = f'x="{left:.1f}" y="{TOP}" width="{width:.1f}" height="{HEIGHT - TOP - BOTTOM}"'
    return f'<rect class="fault" {box}><title>the fault</title></rect>'


def _axis(chart: Chart, highest: float) -> str:
    floor = HEIGHT - BOTTOM
    most = f"{highest:,.0f}" if highest >= 100 else f"{highest:.3g}"
    return (
        f'<line class="axis" x1="{LEFT}" y1="{floor}" x2="{WIDTH}" y2="{floor}"/>'
        f'<text x="4" y="{TOP + 8}">{most} {escape(chart.unit)}</text>'
        f'<text x="4" y="{floor}">0</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 6}">0 s</text>'
        f'<text x="{WIDTH - 40}" y="{HEIGHT - 6}">{chart.end - chart.start:.0f} s</text>'
    )


def _mark(chart: Chart, mark: tuple[float, str]) -> str:
    x = _x(chart, mark[0])
    return (
        f'<line class="mark" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}">'
        f"<title>{escape(mark[1])}</title></line>"
    )
