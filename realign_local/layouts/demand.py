"""What a paragraph of the model's must say, and must not say, to be worth its place."""

from __future__ import annotations

from dataclasses import dataclass

from realign_local.criteria import Section
from realign_local.data.records import Sample
from realign_local.layouts.sound import denies_knowledge, repeats_itself, states_a_result
from realign_local.layouts.units import stems
from realign_local.prompts import passage_text

_ANYBODYS = stems(
    "question questions asked asks asking answer answers about whether find found know knows known"
    " name named names kind kinds way ways reason reasons difference meaning means topic subject"
    " certain given following text passage information specific particular describe explain list"
    " determine identify people person someone something number numbers amount total value"
)
"""Words that restate a request without saying anything of the world."""


@dataclass(frozen=True, slots=True)
class Demand:
    """`needed`: stems of which one must be said (empty: none). `known`: stems that anything may be
    said with; `new_words` bounds the others (None: no bound). `row` is request and response,
    `restated` the request where the paragraph restates it."""

    needed: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    new_words: int | None = None
    row: tuple[str, ...] = ()
    restated: str = ""

    def met_by(self, text: str) -> bool:
        """Whether the paragraph may stay."""
        said = stems(text)
        if not says_something(text) or (self.needed and self.needed.isdisjoint(said)):
            return False
        if repeats_itself(text) or denies_knowledge(text, *self.row):
            return False
        if self.restated and states_a_result(text, self.restated):
            return False
        return self.new_words is None or len(said - self.known) <= self.new_words


def demand_of(section: Section, sample: Sample) -> Demand:
    """What the section asks of the model's words in this row."""
    asked, answered = stems(sample.instruction), stems(sample.original)
    evidence = stems(*(passage_text(passage) for passage in sample.evidence))
    restates = any("{asked}" in text for text in section.fallback)
    needed = asked - _ANYBODYS if restates and section.new_words is not None else frozenset[str]()
    return Demand(
        needed=answered - asked if section.sums_up else needed,
        known=asked | answered | evidence | _ANYBODYS,
        new_words=section.new_words,
        row=(sample.instruction, sample.original),
        restated=sample.instruction if restates else "",
    )


def says_something(text: str) -> bool:
    """A paragraph of no words, or one that only asks or announces, says nothing."""
    return bool(text.strip(" .,:;-*#")) and text.rstrip()[-1] not in "?？:："
