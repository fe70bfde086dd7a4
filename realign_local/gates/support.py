"""Whether passages bear a sentence out, by its names, numbers and words; in doubt it says so.

A sentence is a claim in the sense of FActScore (arXiv 2305.14251), judged against what an index has
on its subject. No model is asked: what decides are the facts that can be looked for, names and
numbers, and the share of the words of content that a passage has, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from realign_local.gates.claims import content_of
from realign_local.gates.names import inner_names
from realign_local.text.numbers.number_forms import quantities
from realign_local.text.segments import plain

Support = Literal["supported", "unsupported", "undecided"]

LEAST_WORDS = 2
"""Stems of content beside the request's: with fewer a sentence claims nothing of its own."""
HELD_WITH_FACTS = 0.5
HELD_WITHOUT = 0.7
"""Share of the stems that a passage must have, where names or numbers are found there, and where
there are none to be found. Chosen on sentences of Wikipedia passages, as they are and with their
facts exchanged (benchmarks/LOG.md)."""
ON_TOPIC = 0.3
"""Share of the stems from which on a passage is about the claim, where the request names nothing;
else it must have half the words of its names."""

_OF_SUBJECT = re.compile(r"(?i)(?:s?he|his|her|they|their|it|its)\b")
"""A sentence that begins so is about whom the request names: others may have died in Paris, too."""


@dataclass(frozen=True, slots=True)
class _Claim:
    stems: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]

    @property
    def has_facts(self) -> bool:
        return bool(self.names or self.numbers)


@dataclass(frozen=True, slots=True)
class _Source:
    stems: frozenset[str]
    words: frozenset[str]
    numbers: frozenset[str]

    def held(self, claim: _Claim) -> float:
        return len(claim.stems & self.stems) / max(1, len(claim.stems))

    def has_all(self, claim: _Claim) -> bool:
        return claim.names <= self.words and claim.numbers <= self.numbers


def support(sentence: str, request: str, passages: Sequence[str]) -> Support:
    """What the passages say to a sentence of an answer to a request; each with its title.

    `supported`: one passage has its names, its numbers and most of its words. `unsupported`:
    passages are about its subject, and a name or a number of it stands in none. Else `undecided`.
    """
    claim = _claim(sentence, request)
    if len(claim.stems) < LEAST_WORDS and not claim.has_facts:
        return "undecided"
    sources = [_source(text) for text in passages]
    needed = HELD_WITH_FACTS if claim.has_facts else HELD_WITHOUT
    subject = _names(request)
    if subject:
        near = [s for s in sources if 2 * len(subject & s.words) >= len(subject)]
    else:
        near = [s for s in sources if s.held(claim) >= ON_TOPIC]
    asked = near if subject and _OF_SUBJECT.match(sentence.lstrip()) else sources
    if any(one.has_all(claim) and one.held(claim) >= needed for one in asked):
        return "supported"
    words = frozenset[str]().union(*(s.words for s in near))
    numbers = frozenset[str]().union(*(s.numbers for s in near))
    if near and not (claim.names <= words and claim.numbers <= numbers):
        return "unsupported"
    return "undecided"


def _claim(sentence: str, request: str) -> _Claim:
    known = _names(request)
    return _Claim(
        stems=content_of(sentence) - content_of(request),
        names=_names(sentence) - known - _words(request),
        numbers=_numbers(sentence) - _numbers(request),
    )


def _source(text: str) -> _Source:
    return _Source(content_of(text), _words(text), _numbers(text))


def _names(text: str) -> frozenset[str]:
    """The words of the names within a text, in small letters, without a possessive."""
    found = (word for name in inner_names(plain(text)) for word in name.replace("-", " ").split())
    return frozenset(_bare(word) for word in found)


def _words(text: str) -> frozenset[str]:
    return frozenset(_bare(word) for word in plain(text).replace("-", " ").split())


def _bare(word: str) -> str:
    return word.lower().strip(".,;:!?()[]\"“”'’").removesuffix("'s").removesuffix("’s")


def _numbers(text: str) -> frozenset[str]:
    return frozenset(quantity.value for quantity in quantities(text))
