"""Plots as inline SVG: colours and fonts come from the page's style, so they follow its theme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 560, 190
LEFT, BOTTOM, TOP = 46, 34, 10


@dataclass(frozen=True, slots=True)
class Axis:
    """Names below a plot: where each stands (0 to 1) and what it says, and what is plotted."""

    ticks: Sequence[tuple[float, str]]
    label: str


def histogram(series: Mapping[str, Sequence[int]], axis: Axis, *, names: Sequence[str]) -> str:
    """Stacked bars; `series` is counts by class, `names` says for each bar what it covers."""
    totals = [sum(counts) for counts in zip(*series.values(), strict=True)]
    top = nice(max(totals, default=0))
    step = (WIDTH - LEFT) / max(1, len(totals))
    bars = []
    for place, name in enumerate(names):
        height = 0.0
        for kind, counts in series.items():
            part = counts[place] / top * (HEIGHT - BOTTOM - TOP)
            if part:
                y = HEIGHT - BOTTOM - height - part
                bars.append(_bar(kind, LEFT + place * step + 0.5, y, step - 1, part))
            height += part
        if totals[place]:
            bars.append(_hover(LEFT + place * step, step, f"{name}: {totals[place]:,}"))
    return _plot([*_grid(top), *bars, *_ticks(axis)], label=axis.label)


def paired(series: Mapping[str, Sequence[int]], axis: Axis, *, names: Sequence[str]) -> str:
    """Bars side by side, one a class in each bin; `names` says for each bin what it covers."""
    top = nice(max((max(counts) for counts in series.values()), default=0))
    step = (WIDTH - LEFT) / max(1, len(names))
    width = (step - 1) / max(1, len(series))
    bars = []
    for place, name in enumerate(names):
        left = LEFT + place * step + 0.5
        found = {kind: counts[place] for kind, counts in series.items()}
        for number, (kind, count) in enumerate(found.items()):
            if count:
                height = count / top * (HEIGHT - BOTTOM - TOP)
                y = HEIGHT - BOTTOM - height
                bars.append(_bar(kind, left + number * width, y, width, height))
        if any(found.values()):
            said = ", ".join(f"{count:,} {kind}" for kind, count in found.items())
            bars.append(_hover(LEFT + place * step, step, f"{name}: {said}"))
    return _plot([*_grid(top), *bars, *_ticks(axis)], label=axis.label)


def line(points: Sequence[tuple[float, float]], axis: Axis, *, unit: str) -> str:
    """A stepped area through (x from 0 to 1, value); a negative value interrupts it."""
    top = nice(max((value for _, value in points), default=0))
    drawn = []
    for (x, value), (after, _) in zip(points, [*points[1:], (1.0, 0.0)], strict=True):
        left, width = LEFT + x * (WIDTH - LEFT), (after - x) * (WIDTH - LEFT)
        if value < 0:
            drawn.append(_pause(left))
            continue
        height = value / top * (HEIGHT - BOTTOM - TOP)
        drawn.append(_bar("pace", left, HEIGHT - BOTTOM - height, width, height))
        drawn.append(_hover(left, width, f"{value:.1f} {unit}"))
    return _plot([*_grid(top), *drawn, *_ticks(axis)], label=axis.label)


def shares(counts: Mapping[str, int], *, height: int = 10, label: str = "") -> str:
    """One bar cut into the shares of its classes."""
    total = sum(counts.values()) or 1
    x, parts = 0.0, []
    for kind, count in counts.items():
        width = 100 * count / total
        if count:
            parts.append(f'<rect class="{kind}" x="{x:.2f}" width="{width:.2f}" height="1"/>')
        x += width
    said = label or ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    return (
        f'<svg class="shares" viewBox="0 0 100 1" height="{height}" preserveAspectRatio="none"'
        f' role="img" aria-label="{escape(said)}"><title>{escape(said)}</title>'
        f"{''.join(parts)}</svg>"
    )


def nice(value: float) -> float:
    """The smallest of 1, 2, 3, 4, 5, 6, 8, 10, 20, ... that is not below the value."""
    if value <= 0:
        return 1
    size = 10 ** floor(log10(value))
    return float(next(size * step for step in (1, 2, 3, 4, 5, 6, 8, 10) if size * step >= value))


def _bar(kind: str, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'
    )


def _hover(x: float, width: float, text: str) -> str:
    """An unseen bar over the whole height, so that a low one can be pointed at too."""
    size = f'x="{x:.1f}" y="{TOP}" width="{width:.1f}" height="{HEIGHT - BOTTOM - TOP}"'
    return f'<rect class="hover" {size}><title>{escape(text)}</title></rect>'


def _pause(x: float) -> str:
    line = f'<line class="pause" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
    return f"<g>{line}<title>the run was stopped here and went on later</title></g>"


def _grid(top: float) -> Iterator[str]:
    first = int(f"{top:e}"[0])
    lines = {1: 5, 2: 4, 6: 3, 8: 4}.get(first, first) if top >= 4 else ceil(top)
    for number in range(lines + 1):
        value = top * number / lines
        y = HEIGHT - BOTTOM - number / lines * (HEIGHT - BOTTOM - TOP)
        said = f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="value" x="{LEFT - 6}" y="{y + 4:.1f}">{said}</text>'


def _ticks(axis: Axis) -> Iterator[str]:
    for place, text in axis.ticks:
        x = LEFT + place * (WIDTH - LEFT)
        anchor = "end" if place > 0.97 else "start" if place < 0.03 else "middle"
        yield (
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="{anchor}">'
            f"{escape(text)}</text>"
        )


def _plot(parts: Sequence[str], *, label: str) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT - 12}" role="img"'
        f' aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
