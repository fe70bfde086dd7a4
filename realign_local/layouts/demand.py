"""What a paragraph of the model's must say, and must not say, to be worth its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from realign_local.criteria import Section
from realign_local.data.records import Sample
from realign_local.gates.language import latin_language, scripts
from realign_local.layouts.asked import answer_of
from realign_local.layouts.sound import (
    denies_knowledge,
    repeats_itself,
    states_a_result,
    tells_of_the_way,
    turns_it_round,
)
from realign_local.layouts.units import stems
from realign_local.prompts import passage_text

_ANYBODYS = stems(
    "question questions asked asks asking answer answers about whether find found know knows known"
    " name named names kind kinds way ways reason reasons difference meaning means topic subject"
    " certain given following text passage information specific particular describe explain list"
    " final result altogether"
    " determine identify people person someone something number numbers amount total value"
)
"""Words that restate a request without saying anything of the world."""

_NAMES_ITS_SUBJECT = re.compile(
    r"[\s,]*(?:this|it|the (?:text|answer|passage|response|explanation))\s+"
    r"(?:is (?:all )?about|deals with|talks about|concerns|describes|explains)\b",
    re.IGNORECASE,
)
"""A closing sentence that says what was spoken about, and nothing of it."""

LIKE = 3
"""First letters that forms of one word have in common: spend and spent, end and ending."""

_ASKS_ASKING = re.compile(r"\s*asking\b")
"""What small models say after an opening such as "The question is"."""


@dataclass(frozen=True, slots=True)
class Demand:
    """`needed`: stems of which one must be said (empty: none). `known`: stems that anything may be
    said with; `new_words` bounds the others (None: no bound). `row` is request and response,
    `restated` the request where the paragraph restates it. `tongue` is the response's language
    where it is not English ("" elsewhere). `result` is the marked one where it `sums_up`.
    `echoes` are stems that would come from elsewhere than the row."""

    needed: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    new_words: int | None = None
    row: tuple[str, ...] = ()
    restated: str = ""
    tongue: str = ""
    result: str = ""
    sums_up: bool = False
    echoes: frozenset[str] = frozenset()

    def met_by(self, text: str) -> bool:
        """Whether the paragraph may stay."""
        said = stems(text)
        if not says_something(text) or (self.needed and self.needed.isdisjoint(said)):
            return False
        if not self.echoes.isdisjoint(said):
            return False
        if repeats_itself(text) or denies_knowledge(text, *self.row):
            return False
        if self.restated and (_ASKS_ASKING.match(text) or states_a_result(text, self.restated)):
            return False
        if not self.restated and _NAMES_ITS_SUBJECT.match(text):
            return False
        if self.sums_up and turns_it_round(text, *self.row):
            return False
        if self.result and not self._is_the_result(text, said):
            return False
        if self.tongue and not self._in_the_tongue(text):
            return False
        return self.new_words is None or len(said - self.known) <= self.new_words

    def _is_the_result(self, text: str, said: frozenset[str]) -> bool:
        """No number from the way there, and no new word but another form of a known one."""
        heads = {stem[:LIKE] for stem in self.known}
        return not tells_of_the_way(text, self.result, self.row[0]) and all(
            stem[:LIKE] in heads for stem in said - self.known
        )

    def _in_the_tongue(self, text: str) -> bool:
        """Words too few to tell their language may stay where the request speaks it too."""
        spoken = _tongue(text)
        return spoken == self.tongue or (not spoken and _tongue(self.row[0]) == self.tongue)


def demand_of(section: Section, sample: Sample) -> Demand:
    """What the section asks of the model's words in this row."""
    asked, answered = stems(sample.instruction), stems(sample.original)
    evidence = stems(*(passage_text(passage) for passage in sample.evidence))
    bound = section.restates and section.new_words is not None
    needed = asked - _ANYBODYS if bound else frozenset[str]()
    return Demand(
        needed=answered - asked if section.sums_up else needed,
        known=asked | answered | evidence | _ANYBODYS,
        new_words=section.new_words,
        row=(sample.instruction, sample.original),
        restated=sample.instruction if section.restates else "",
        tongue=_tongue(sample.original).removeprefix("en"),
        result=answer_of(sample.original) if section.sums_up else "",
        sums_up=section.sums_up,
    )


def _tongue(text: str) -> str:
    """The script where it is not Latin, else the language; "" where it cannot be told."""
    found = scripts(text)
    main = max(found, key=lambda name: found[name], default="latin")
    return main if main != "latin" else latin_language(text)


def says_something(text: str) -> bool:
    """A paragraph of no words, or one that only asks or announces, says nothing."""
    return bool(text.strip(" .,:;-*#")) and text.rstrip()[-1] not in "?？:："
