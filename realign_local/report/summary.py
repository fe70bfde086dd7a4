"""The written half of the report: what happened to the rows, why, and how far to trust it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from realign_local.base.reasons import Reason, Status
from realign_local.base.words.plural import counted
from realign_local.report import plots
from realign_local.report.figures import CONFIDENCE_BINS, RATIO_BIN, RATIO_BINS, Figures
from realign_local.report.plain_words import reason_text
from realign_local.run.files.card import SENT_TO
from realign_local.run.pace import Pace

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

SAMPLE = (
    '<p class="advice">Gates see much, not all. Read a sample before you train on the result: if 20'
    " random accepted rows are all faithful, it is likely (95&nbsp;%) that fewer than 14 in 100 are"
    " not; 60 without a fault bring that to 5 in 100, 300 to 1 in 100.</p>\n"
    '<p class="action"><button class="primary" id="sample">Show 20 random accepted rows</button>'
    "</p>\n"
)


def text(value: Any) -> str:
    """Any value as harmless HTML text: escaped, without control or direction characters."""
    return escape(_UNPRINTABLE.sub("\ufffd", str(value)))


def summary(figures: Figures, stats: Mapping[str, Any], pace: Pace | None) -> dict[str, str]:
    """The fragments of the page by the names that it has for them."""
    return {
        "lead": _lead(figures),
        "status": plots.shares(_statuses(figures.statuses), height=22),
        "legend": _legend(figures),
        "trust": _trust(figures, stats),
        "sample": SAMPLE if figures.statuses[Status.REWRITTEN.value] else "",
        "gates": _gates(figures),
        "reasons": _reasons(figures),
        "tasks": "".join(_task(name, found) for name, found in _by_size(figures)),
        "plots": "".join(_plots(figures, stats, pace)),
    }


def share(part: float, whole: float) -> str:
    """A percentage that never says 0 % or 100 % of what is not none or all."""
    if not whole:
        return "none"
    percent = 100 * part / whole
    if 0 < percent < 0.5:
        return "under 1 %"
    return "over 99 %" if 99.5 <= percent < 100 else f"{percent:.0f} %"


def _statuses(counts: Mapping[str, int]) -> dict[str, int]:
    return {status.value: counts.get(status.value, 0) for status in Status}


def _lead(figures: Figures) -> str:
    of = _statuses(figures.statuses)
    what = counted(figures.responses, "response")
    if figures.rows != figures.responses:
        what += f" in {counted(figures.rows, 'row')}"
    was = "was" if of["rewritten"] == 1 else "were"
    return (
        f"Of {what}, <strong>{of['rewritten']:,} {was} rewritten</strong>"
        f" ({share(of['rewritten'], figures.responses)}).{_stayed(figures, of)}"
    )


def _stayed(figures: Figures, of: Mapping[str, int]) -> str:
    """What became of the others, as far as there are any."""
    parts = []
    if figures.good:
        parts.append(f"in {figures.good:,} nothing was found to mend")
    if of["kept"]:
        made = "was" if of["kept"] == 1 else "were"
        parts.append(f"{counted(of['kept'], 'rewrite')} {made} made and turned down")
    if of["skipped"] > figures.good:
        parts.append("the rest was left alone")
    if not parts:
        return ""
    told = ", ".join(parts[:-1]) + (", and " if len(parts) > 2 else " and " if parts[1:] else "")
    told += parts[-1]
    return f" {told[0].upper()}{told[1:]}: there the original stands, letter by letter."


def _legend(figures: Figures) -> str:
    names = {"rewritten": "rewritten", "kept": "kept: rewrite turned down", "skipped": "skipped"}
    return "".join(
        f'<li><button class="pick" data-status="{kind}"><i class="key {kind}"></i>'
        f"{names[kind]} <b>{count:,}</b></button></li>"
        for kind, count in _statuses(figures.statuses).items()
    )


def _trust(figures: Figures, stats: Mapping[str, Any]) -> str:
    words = ""
    if figures.tried:
        kept = figures.statuses[Status.KEPT.value]
        scored = figures.by_score
        left = figures.reasons.get(Reason.NOT_BETTER.value, Counter())[Status.KEPT.value] - scored
        failed = share(kept - left - scored, figures.tried)
        words = (
            f"<p>Every rewrite went through {len(figures.gates)} gates, which compare it with the"
            f" original without asking a model; {failed} were turned down there.</p>"
        )
        if left:
            words += (
                f"<p>{share(left, figures.tried)} gave way to the original because nothing showed"
                " that a reader would rather have them.</p>"
            )
        if scored:
            words += (
                f"<p>{share(scored, figures.tried)} gave way to the original because the model"
                " scored them lower than the run asked for (<code>--min-score</code>,"
                " <code>--keep-if-not-worse</code>). <code>realign score</code> on the run adds to"
                " this report how it scores all of them.</p>"
            )
    if figures.operations:
        done = ", ".join(
            f"<code>{text(name)}</code> {count:,}"
            for name, count in figures.operations.most_common()
        )
        words += f"<p>What was done to the rewritten ones, by operation: {done}.</p>"
    if hosts := stats.get(SENT_TO):
        words += (
            "<p><strong>The texts of the rows left the machine of the run:</strong> they were sent"
            f" to {text(', '.join(map(str, hosts)))}.</p>"
        )
    if judge := stats.get("judge"):
        words += f"<p>Where a judge had to say which text is better: {text(judge)}.</p>"
    return words


def _gates(figures: Figures) -> str:
    return "".join(
        f'<tr><th scope="row">{text(gate)}</th><td>{of["pass"] + of["fail"]:,}</td>'
        f"<td>{of['fail']:,}</td></tr>"
        for gate, of in figures.gates.items()
    )


def _reasons(figures: Figures) -> str:
    totals = Counter({name: of.total() for name, of in figures.reasons.items()})
    most = max(totals.values(), default=1)
    return "".join(
        f'<tr><td class="count">{count:,}</td>'
        f'<td class="bar">{_bar(figures.reasons[name], most)}</td>'
        f'<th scope="row"><button class="pick" data-reason="{text(name)}"><code>{text(name)}</code>'
        f"</button></th><td>{text(reason_text(name))}{_by_score(figures, name)}</td></tr>"
        for name, count in totals.most_common()
    )


def _by_score(figures: Figures, reason: str) -> str:
    scored = figures.by_score if reason == Reason.NOT_BETTER.value else 0
    return f", or, for {scored:,}, the model scored it too low" if scored else ""


def _bar(found: Counter[str], most: int) -> str:
    of = {kind: count for kind, count in _statuses(found).items() if count}
    label = ", ".join(f"{count:,} {kind}" for kind, count in of.items())
    return plots.shares({**of, "rest": most - found.total()}, label=label)


def _by_size(figures: Figures) -> list[tuple[str, Counter[str]]]:
    def size(item: tuple[str, Counter[str]]) -> tuple[int, str]:
        return -sum(_statuses(item[1]).values()), item[0]

    return sorted(figures.tasks.items(), key=size)


def _task(name: str, found: Counter[str]) -> str:
    of = _statuses(found)
    tried = of["rewritten"] + of["kept"]
    reasons = Counter({r: n for r, n in found.items() if r in set(Reason) and r})
    shown = ", ".join(f"{text(r)} {n:,}" for r, n in reasons.most_common(2))
    return (
        f'<tr><th scope="row"><button class="pick" data-task="{text(name)}">{text(name)}</button>'
        f'</th><td data-label="responses">{sum(of.values()):,}</td>'
        f'<td class="bar">{plots.shares(of)}</td><td data-label="accepted of tried">'
        f"{share(of['rewritten'], tried) if tried else 'none tried'}</td>"
        f'<td class="why">{shown}</td></tr>'
    )


def _plots(figures: Figures, stats: Mapping[str, Any], pace: Pace | None) -> Iterable[str]:
    if figures.statuses[Status.REWRITTEN.value]:
        yield _figure(
            plots.histogram({"rewritten": figures.ratios}, _RATIO_AXIS, names=_RATIO_NAMES),
            "Length of the accepted rewrites, in multiples of the original's. The last bar holds"
            f" all from {RATIO_BINS * RATIO_BIN - RATIO_BIN:.1f} up.",
        )
    if any(any(bins[1:]) for bins in figures.confidences.values()):  # else nobody was asked
        yield _figure(
            plots.histogram(figures.confidences, _CONFIDENCE_AXIS, names=_CONFIDENCE_NAMES),
            "Confidence in the task of a response, and what became of the response.",
        )
    if pace:
        yield _figure(
            plots.line(pace.points, _time_axis(pace.seconds), unit="tokens/s"),
            "Tokens a second that the model wrote, from its first token to its last:"
            f" {_mean(stats)}",
        )


def _figure(plot: str, caption: str) -> str:
    return f"<figure>{plot}<figcaption>{caption}</figcaption></figure>"


def _mean(stats: Mapping[str, Any]) -> str:
    tokens, mean = stats.get("completion_tokens", 0), stats.get("tokens_per_s")
    return f"{tokens:,} in all" + (
        f", {mean:.1f} a second on average from the start of the rewriting on." if mean else "."
    )


def _time_axis(seconds: float) -> plots.Axis:
    size, unit = next(
        (size, unit) for size, unit in ((3600, "h"), (60, "min"), (1, "s")) if seconds >= 2 * size
    )
    step = plots.nice(seconds / size / 5)
    count = int(seconds / size / step)
    ticks = [(n * step * size / seconds, f"{n * step:g} {unit}") for n in range(count + 1)]
    return plots.Axis(ticks, "tokens a second over time")


_RATIO_AXIS = plots.Axis(
    [(n / 6, f"{n / 2:g}×") for n in range(7)], "histogram of length ratios of accepted rewrites"
)
_RATIO_NAMES = [f"{n * RATIO_BIN:.1f}× to {(n + 1) * RATIO_BIN:.1f}×" for n in range(RATIO_BINS)]
_CONFIDENCE_AXIS = plots.Axis(
    [(n / 4, f"{n / 4:g}") for n in range(5)], "histogram of the classifier's confidence"
)
_CONFIDENCE_NAMES = [
    f"{n / CONFIDENCE_BINS:.2f} to {(n + 1) / CONFIDENCE_BINS:.2f}" for n in range(CONFIDENCE_BINS)
]
