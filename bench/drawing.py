"""Curves as SVG, without a library: both axes by powers of ten, readable on light and dark pages, with words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 176, 46, 48
# Told apart without colour too: each line has a mark of its own.
MARKS = ('<circle r="4"/>', '<rect x="-4" y="-4" width="8" height="8"/>', '<path d="M0-5 5 4-5 4Z"/>')
STYLE = """
text{font:13px system-ui,sans-serif;fill:#1b1b1b}.t{font-weight:600;font-size:15px}.s{fill:#505a5f;font-size:12px}
.g{stroke:#d3d7d9}.l{fill:none;stroke-width:2}.n{font-size:11px;fill:#505a5f}
.c0{stroke:#1d70b8;fill:#1d70b8}.c1{stroke:#a8540c;fill:#a8540c}.c2{stroke:#00703c;fill:#00703c}
.l{fill:none}text.c0,text.c1,text.c2{stroke:none}
@media (prefers-color-scheme:dark){text{fill:#f0f0f0}.s,.n{fill:#b8bfc4}.g{stroke:#3f474c}
.c0{stroke:#7ab8f0;fill:#7ab8f0}.c1{stroke:#f0a566;fill:#f0a566}.c2{stroke:#6fcf97;fill:#6fcf97}.l{fill:none}
text.c0{fill:#7ab8f0}text.c1{fill:#f0a566}text.c2{fill:#6fcf97}}
"""


class Line(NamedTuple):
    """A key of the points, and what it is called beside its end."""

    key: str
    name: str


def drawn(points: Sequence[dict[str, Any]], title: str, along: str, unit: str, lines: Sequence[Line]) -> str:
    """The drawing. `along` is the key of the points that goes to the right, `unit` what is counted upwards."""
    lines = [line for line in lines if any(point.get(line.key) for point in points)]
    values = [point[line.key] for line in lines for point in points if point.get(line.key)]
    x = _axis([point[along] for point in points], LEFT, WIDTH - RIGHT)
    y = _axis(values, HEIGHT - BOTTOM, TOP)
    parts = [*_grid(x, y), *_titles(title, along, unit)]
    ends: list[float] = []
    said_at: list[tuple[int, float]] = []
    for n, line in enumerate(lines):
        at = [(x.of(point[along]), y.of(point[line.key]), point[line.key]) for point in points if point.get(line.key)]
        parts.append(f'<polyline class="l c{n}" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b, _ in at)}"/>')
        parts += [f'<g class="c{n}" transform="translate({a:.1f} {b:.1f})">{MARKS[n]}</g>' for a, b, _ in at]
        for a, b, value in at:
            above = (round(a), b - 9)
            free = all(a0 != above[0] or abs(b0 - above[1]) >= 11 for a0, b0 in said_at)
            said_at.append(above if free else (round(a), b + 17))
            if said_at[-1][1] > HEIGHT - BOTTOM - 4:
                continue  # on the axis; the other line's value stands there, and the description has both
            parts.append(f'<text class="n" x="{a:.1f}" y="{said_at[-1][1]:.1f}" text-anchor="middle">{value:,}</text>')
        ends.append(_beside(at[-1][1] + 4, ends))
        parts.append(f'<text class="c{n}" x="{at[-1][0] + 10:.1f}" y="{ends[-1]:.1f}">{escape(line.name)}</text>')
    said = "; ".join(
        f"{line.name}: "
        + ", ".join(f"{point[line.key]:,} at {point[along]:,}" for point in points if line.key in point)
        for line in lines
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="title desc"><title id="title">{escape(title)}</title><desc id="desc">By {escape(along)}. '
        f"{escape(said)}.</desc><style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


class _Axis(NamedTuple):
    low: int  # powers of ten
    high: int
    start: float
    end: float

    def of(self, value: float) -> float:
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def _axis(values: Sequence[float], start: float, end: float) -> _Axis:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return _Axis(low, max(high, low + 1), start, end)


def _grid(x: _Axis, y: _Axis) -> list[str]:
    parts = []
    for tick in y.ticks():
        at = y.of(tick)
        parts.append(f'<path class="g" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="s" x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{tick:,.15g}</text>')
    for tick in x.ticks():
        at = x.of(tick)
        parts.append(f'<path class="g" d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        parts.append(
            f'<text class="s" x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{tick:,.15g}</text>'
        )
    return parts


def _titles(title: str, along: str, unit: str) -> list[str]:
    return [
        f'<text class="t" x="{LEFT}" y="20">{escape(title)}</text>',
        f'<text class="s" x="{LEFT}" y="36">{escape(unit)}</text>',
        f'<text class="s" x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{escape(along)}</text>',
    ]


def _beside(y: float, others: Sequence[float]) -> float:
    """A place for a line's name that covers no other's."""
    while any(abs(y - other) < 15 for other in others):
        y += 15
    return y
