"""Which sentence of the evidence to cite: the one that speaks most of what the row speaks of.

It is copied word for word, so that nothing can be claimed that the passage does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from realign_local.data.records import Sample
from realign_local.layouts.units import sentences, stems
from realign_local.prompts import spaced

LEAST_SHARED = 3
"""Words that a sentence must share with request and response; fewer may be chance."""
LEAST_COVERED = 0.5
"""Share of the request's telling words that a sentence must have where its article is not named."""
LEAST_NAMED = 0.6
"""Share of a title's words that request and response must have for the article to be named."""
LEAST_WORDS, MOST_WORDS = 6, 45

_GENERAL = stems(
    "what which when where whose about explain describe tell give name called known people person"
    " number numbers many much most more some other way ways use used using make made kind type"
    " mean means thing things year years time times first year part parts different example"
    " question answer data people world work works good best well like work take point points"
)
"""Words found in any text: they tell nothing of what a sentence is about."""

_NEEDS_CONTEXT = re.compile(
    r"(?:It|He|She|They|This|That|These|Those|Its|His|Her|Their|We|You|Both|One|However|But|Also|Then|Such|There"
    r"|Another|Other|In addition|In contrast|For example|For instance)\b"
)
"""Sentences that point at the one before them and are cited only where no other will do."""

_NO_SENTENCE = re.compile(r"[|{}<>=]|\d°\d|\n|^[-*•#\d]|^[^\W\d][^:.,]{0,40}: ")
"""Marks of tables and formulas, of coordinates, of lists, and of a "name: value" line."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence of a passage, and the article that it is from ("" if that is unknown)."""

    title: str
    text: str


def cite(sample: Sample) -> Citation | None:
    """The sentence to cite, or None where no passage has one that is close enough.

    It must share words with the response and with the request, and must say more than the response
    does already.
    """
    best = max(_ranked(sample), key=lambda entry: entry[0], default=None)
    return best[1] if best else None


def _ranked(sample: Sample) -> Iterator[tuple[float, Citation]]:
    asked, answered = stems(sample.instruction), stems(sample.original)
    for place, passage in enumerate(sample.evidence):
        title = stems(passage.title)
        for sentence in sentences(" ".join(passage.text.split())):
            if not _is_citable(sentence, sample.original):
                continue
            said = stems(sentence)
            shared = (said | title) & (asked | answered)
            if len(shared) < LEAST_SHARED or not said & answered or not shared & asked:
                continue
            if not _is_about(title, said, asked=asked, answered=answered):
                continue
            score = len(shared) - 0.1 * place - 1.5 * bool(_NEEDS_CONTEXT.match(sentence))
            yield score - 0.02 * len(sentence.split()), Citation(spaced(passage.title), sentence)


def _is_about(title: Set[str], said: Set[str], *, asked: Set[str], answered: Set[str]) -> bool:
    """Whether the row names the article, or the sentence has half of what the request speaks of.

    Where it has every word of the response, two telling words of the request are enough.
    """
    telling = asked - _GENERAL
    covered = (said | title) & telling
    named = len(title & (asked | answered) - _GENERAL) >= LEAST_NAMED * max(1, len(title))
    least = 2 if answered <= said else max(2, LEAST_COVERED * len(telling))
    return len(covered) >= least or (named and bool(covered))


def _is_citable(sentence: str, original: str) -> bool:
    return (
        LEAST_WORDS <= len(sentence.split()) <= MOST_WORDS
        and sentence[-1] in ".!"
        and not _NO_SENTENCE.search(sentence)
        and sentence not in original
        and bool(stems(sentence) - stems(original))
    )
