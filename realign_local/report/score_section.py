"""The part of the report about scores: their spread before and after, and who reaches the mark."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from realign_local.base.words.plural import counted
from realign_local.report import plots
from realign_local.report.page import asset, filled
from realign_local.report.score_figures import FIT_LEAST, SIDES, Good, ScoreFigures, Side, Spread
from realign_local.report.summary import share, text
from realign_local.rewriting.scores import GOOD, Scale

LINK = '<a href="#scores">Scores</a> '
NAMES: dict[Scale, str] = {
    "helpfulness": "How helpful the model thinks the responses are, 0 to 5",
    "accuracy": "How accurate the model thinks the responses are, 0 to 5",
    "fit": "How much more probable the form of its task makes a response: the mean gain of a token,"
    " in natural logarithms; the bars at both ends hold all that is beyond",
}
UNMEASURED = (
    "nobody has measured how far this model agrees with people"
    " (<code>realign evaluate --pairs</code>)"
)
_SCORE_AXIS = [(n / 5, str(n)) for n in range(6)]
_FIT_AXIS = [(n / 6, f"{FIT_LEAST + n / 2:g}") for n in range(7)]


def score_section(figures: ScoreFigures | None) -> dict[str, str]:
    """The section and the link to it, by their names in the page; empty where nobody scored."""
    if figures is None or not figures.responses:
        return {"scores": "", "scores_link": ""}
    tasks = sorted(figures.tasks.items(), key=lambda item: (-item[1].of["after"], item[0]))
    values = {
        "lead": _lead(figures),
        "plots": "".join(_plots(figures)),
        "mark": f"{GOOD:g}",
        "tasks": "".join(_task(name, found) for name, found in tasks),
        "total": _task("all", figures.total),
    }
    return {"scores": filled(asset("scores.html"), values), "scores_link": LINK}


def _lead(figures: ScoreFigures) -> str:
    told = text(figures.judge) or UNMEASURED
    return (
        f"{counted(figures.responses, 'response')} scored by {text(figures.model)}, of which"
        f" {figures.changed:,} changed. It is the model's opinion: {told}."
    )


def _plots(figures: ScoreFigures) -> Iterator[str]:
    for scale, spread in figures.spreads.items():
        if not spread.counts:
            continue
        axis = plots.Axis(_FIT_AXIS if scale == "fit" else _SCORE_AXIS, f"histogram of {scale}")
        drawn = plots.paired(spread.counts, axis, names=_bin_names(spread))
        means = [f"{mean:.2f} {side}" for side in SIDES if (mean := spread.mean(side)) is not None]
        caption = f"{NAMES[scale]}. Mean {', '.join(means)}."
        yield f"<figure>{drawn}<figcaption>{caption}</figcaption></figure>"


def _bin_names(spread: Spread) -> list[str]:
    edges = [spread.least + n * spread.bin for n in range(spread.bins + 1)]
    return [f"{low:.2f} to {high:.2f}" for low, high in pairwise(edges)]


def _task(name: str, found: Good) -> str:
    cells = [("responses", f"{found.of['after']:,}"), *_cells(found)]
    shown = "".join(f'<td data-label="{label}">{cell}</td>' for label, cell in cells)
    return f'<tr><th scope="row">{text(name)}</th>{shown}</tr>'


def _cells(found: Good) -> Iterator[tuple[str, str]]:
    """What stands in the columns, with a name for screens that have no room for their heads."""
    for side in SIDES:
        yield f"mean {side}", _mean(found, side)
    for side in SIDES:
        yield f"{GOOD:g} or more {side}", share(found.good[side], found.of[side])


def _mean(found: Good, side: Side) -> str:
    return f"{found.sums[side] / found.of[side]:.2f}" if found.of[side] else "none"
