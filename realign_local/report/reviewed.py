"""The part of the report about the review: what a person decided, and what the rows come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from realign_local.base.reasons import Status
from realign_local.base.wilson import wilson
from realign_local.base.words.plural import counted
from realign_local.report import plots
from realign_local.report.page import asset, filled
from realign_local.report.rows import ShownResponse
from realign_local.report.summary import share, text
from realign_local.run.files.decisions import ReadReview, told_stale

LINK = '<a href="#reviewed">After the review</a> '
TWO_SIDED_95 = 1.96
WORDS = {"accept": "accepted", "reject": "rejected", "edit": "edited by hand"}


@dataclass(slots=True)
class Reviewed:
    """A review and what it comes to on the responses that pass `decided`."""

    review: ReadReview
    responses: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    of_rewrites: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    met: set[str] = field(default_factory=set)

    def decided(self, rows: Iterable[ShownResponse]) -> Iterator[ShownResponse]:
        """The same responses with the decisions on them."""
        decisions = self.review.decisions
        for shown in rows:
            if decisions and shown.can_change and (decision := decisions.get(shown.key)):
                shown = replace(shown, decision=decision)
            self._count(shown)
            yield shown

    def _count(self, shown: ShownResponse) -> None:
        status, decision = shown.status, shown.decision
        self.responses += 1
        self.before[status] += 1
        if decision:
            self.met.add(decision.key)
            self.verdicts[decision.verdict] += 1
            self.of_rewrites[decision.verdict] += status == Status.REWRITTEN
            if decision.verdict == "edit":
                status = Status.REWRITTEN.value
            elif decision.verdict == "reject" and status == Status.REWRITTEN:
                status = Status.KEPT.value
        self.after[status] += 1

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the review, in words."""
        stale = len(self.review.decisions.keys() - self.met)
        return (*self.review.faults, *([told_stale(stale)] if stale else []))


def reviewed_section(found: Reviewed) -> dict[str, str]:
    """The section and the link to it, by their names in the page; empty where nobody decided."""
    faults = "".join(f'<p class="note fault">{text(fault)}</p>' for fault in found.faults)
    if not found.verdicts and not faults:
        return {"reviewed": "", "reviewed_link": ""}
    values = {
        "lead": _lead(found),
        "legend": "".join(_picks(found)),
        "rates": _rates(found),
        "faults": faults,
        "before": _bar(found.before),
        "after": _bar(found.after),
        "counts": "".join(_counts(found)),
    }
    return {"reviewed": filled(asset("reviewed.html"), values), "reviewed_link": LINK}


def _lead(found: Reviewed) -> str:
    decided = found.verdicts.total()
    return (
        f"A person decided on {decided:,} of {counted(found.responses, 'response')}"
        f" ({share(decided, found.responses)}). <code>realign export</code> writes them so."
    )


def _picks(found: Reviewed) -> Iterator[str]:
    for verdict, words in WORDS.items():
        yield (
            f'<li><button class="pick" data-verdict="{verdict}">{words}'
            f" <b>{found.verdicts[verdict]:,}</b></button></li>"
        )


def _rates(found: Reviewed) -> str:
    """How many of the rewrites that a person looked at did not stand."""
    looked = found.of_rewrites.total()
    if not looked:
        return ""
    failed = looked - found.of_rewrites["accept"]
    low, high = wilson(failed, looked, z=TWO_SIDED_95)
    stood = "did not stand" if failed != 1 else "did not stand as it was"
    return (
        f"<p>Of {counted(looked, 'rewrite')} that were looked at, {failed:,} {stood}"
        f" ({share(failed, looked)}); had they been drawn at random, that would be"
        f" {100 * low:.0f} to {100 * high:.0f}&nbsp;% of all (95&nbsp;%).</p>"
    )


def _bar(counts: Counter[str]) -> str:
    return plots.shares({status.value: counts[status.value] for status in Status}, height=14)


def _counts(found: Reviewed) -> Iterator[str]:
    for status in Status:
        before, after = found.before[status.value], found.after[status.value]
        yield (
            f'<tr><th scope="row"><i class="key {status.value}"></i>{status.value}</th>'
            f"<td>{before:,}</td><td>{after:,}</td></tr>"
        )
