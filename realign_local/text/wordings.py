"""Wordings: a way to write down what people say, simpler than a regular expression.

A wording is words in a row, for text in small letters with straight apostrophes:

    a|b        one of these words
    word(s)    with this ending or without; word(s|ed) with one of these or without
    word*      with any ending
    one-word   the hyphen is a hyphen, a blank or nothing
    [a|b]      may be missing
    #  _       a number in digits; any word
    "          the beginning of a quotation
    {name}     one of the words of the list of this name
    ..         forty signs at most, within a sentence
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, product

_BETWEEN = r"[\s*-]+"
_GAP = r"[^.\n?!。？！]{0,40}?"
_TOKENS = {"#": r"\d[\d,]*\+?", "_": r"\w[\w'&]*", '"': r"[\"“”«»`'‘]"}
_NAME = re.compile(r"\{(\w+)\}")
_BAR = re.compile(r"\|(?![^(]*\))")
"""A bar between words; one within brackets parts endings."""
_ENDINGS = re.compile(r"\(([^)]*)\)")
_NO_BOUNDARY = re.compile("[\u0600-\u1fff\u3040-\uffff]")
"""Scripts that put no blanks between words, or join small words and vowel signs to them."""


HEAD_LETTERS = 4
_HEADS = re.compile(rf"(?<![^\W\d_])[^\W\d_]{{1,{HEAD_LETTERS}}}")
_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]+(?=['\d\s]|\Z)|[^\W\d_]{4,}")
"""Those with which a word of a wording begins, if what follows them is sure: it is no ending."""

LONG = 5
"""A part of a word that is looked for without what a hyphen joins to it."""
RARE = 4
"""Signs of so many letters are rare enough: a few of them are better than many longer ones."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What finds a wording in a text: a pattern, and signs of which one is in every such text.

    Looking for signs is much faster than looking for a pattern, and they are seldom there. `heads`
    has sets of first letters: of each set, one begins a word of every such text (`#`: a number).
    """

    regex: re.Pattern[str]
    signs: tuple[str, ...] = ("",)
    ascii_signs: tuple[str, ...] = ("",)
    heads: tuple[frozenset[str], ...] = ()

    def find(self, text: str) -> re.Match[str] | None:
        for sign in self.ascii_signs if text.isascii() else self.signs:
            if sign in text:
                return self.regex.search(text)
        return None


@lru_cache(maxsize=64)
def heads_in(text: str) -> frozenset[str]:
    """The first letters of the words of a text, in small letters."""
    return frozenset(_HEADS.findall(text.lower()))


def heads_of(words: Iterable[str]) -> frozenset[str]:
    """How words of a text begin that are these; "" for one that begins with no letter."""
    found = (_HEADS.match(word.lower()) for word in words)
    return frozenset(head[0] if head else "" for head in found)


def may_hold(text: str, heads: frozenset[str]) -> bool:
    """A quick no for a text in which no word begins so, whether its letters are small or not."""
    return not text.isascii() or "" in heads or not heads.isdisjoint(heads_in(text))


class WordingTable:
    """Many wordings for one text, of which most are ruled out by the first letters of its words."""

    def __init__(self, wordings: Sequence[Wording]) -> None:
        self._wordings = tuple(wordings)
        self._by_head: dict[str, list[int]] = {}
        for number, wording in enumerate(wordings):
            for head in wording.heads[0] if wording.heads else ():
                self._by_head.setdefault(head, []).append(number)
        self._others = [number for number, wording in enumerate(wordings) if not wording.heads]

    def first(self, text: str) -> int | None:
        """The place of the first wording that the text has, None where it has none."""
        seen = heads_in(text) | ({"#"} if _DIGIT.search(text) else set())
        may_be = {n for head in seen & self._by_head.keys() for n in self._by_head[head]}
        for number in sorted(may_be.union(self._others)):
            wording = self._wordings[number]
            if not any(map(seen.isdisjoint, wording.heads)) and wording.find(text):
                return number
        return None


def read_wording(says: str, words: Mapping[str, str], *, unless: str = "") -> Wording:
    """The wording `says` where `unless` does not follow; `words` are lists, parted by blanks."""
    places = [_spelt_out(place, words) for place in says.split()]
    needed = [_BAR.split(place) for place in places if place != ".." and place[0] != "["]
    signs = max(([s for word in place for s in _signs(word)] for place in needed), key=_worth)
    heads = (frozenset(map(_head, place)) for place in needed)
    not_then = ""
    if unless:
        not_then = rf"(?![\s-]*{_regex([_spelt_out(place, words) for place in unless.split()])})"
    sure = tuple(sorted((some for some in heads if "" not in some), key=len))
    return pattern_wording(_regex(places) + not_then, signs, sure)


def pattern_wording(
    pattern: str, signs: Sequence[str], heads: tuple[frozenset[str], ...] = ()
) -> Wording:
    """What the pattern finds, with signs of which one is in every text where it finds something."""
    found = tuple(dict.fromkeys(signs))
    in_ascii = tuple(sign for sign in found if sign.isascii())
    return Wording(re.compile(pattern), found, in_ascii, heads)


def _spelt_out(place: str, words: Mapping[str, str]) -> str:
    while name := _NAME.search(place):  # a list may hold another
        place = place.replace(name[0], "|".join(words[name[1]].split()))
    return place


def _regex(places: list[str]) -> str:
    regex, between = "", ""
    for place in places:
        if place == "..":
            regex, between = regex + _GAP, ""
        elif place[0] == "[":
            regex, between = f"{regex}{between}(?:{_one_of(place[1:-1])}{_BETWEEN})?", ""
        else:
            regex, between = f"{regex}{between}{_one_of(place)}", _BETWEEN
    return regex


def _one_of(place: str) -> str:
    """One of the words; whether one begins here is asked once for all words side by side."""
    parts: list[str] = []
    for bounded, words in groupby(map(_word, _BAR.split(place)), lambda w: w.startswith(r"\b")):
        several = "|".join(word.removeprefix(r"\b") for word in words)
        parts.append(rf"\b(?:{several})" if bounded else several)
    return f"(?:{'|'.join(parts)})"


def _word(word: str) -> str:
    if word in _TOKENS:
        return _TOKENS[word]
    stems = [re.escape(stem) for stem in _ENDINGS.split(word)[::2]]
    endings = [f"(?:{ending})?" for ending in _ENDINGS.findall(word)]
    regex = "".join(map("".join, zip(stems, [*endings, ""], strict=True)))
    regex = regex.replace(r"\*", r"\w*").replace(r"\-", "[ -]?")
    if _NO_BOUNDARY.search(word):
        return regex
    before = r"\b" if word[0].isalnum() else ""
    after = r"\b" if word[-1].isalnum() or word[-1] in "*)" else ""
    return f"{before}{regex}{after}"


def _signs(word: str) -> list[str]:
    """Parts of a word, one of which is in every text that has it."""
    if word in _TOKENS:
        return [""]
    longest = max(_ENDINGS.sub("*", word).split("*"), key=len)
    parts = longest.split("-")
    if len(part := max(parts, key=len)) >= LONG:
        return [part]
    joints = product(("", " ", "-"), repeat=len(parts) - 1)
    return ["".join(map("".join, zip(parts, [*each, ""], strict=True))) for each in joints]


def _head(word: str) -> str:
    """How every word in a text that this one stands for begins; "" where that may be anything."""
    if word == "#":
        return word
    if word in _TOKENS or not word[0].isalnum() or _NO_BOUNDARY.search(word):
        return ""
    letters = _LETTERS.match(word)
    return letters[0][:HEAD_LETTERS] if letters else ""


def _worth(signs: list[str]) -> tuple[int, int]:
    """Few and long signs are worth more: they are found soon, and seldom where they mislead."""
    return min(RARE, *map(len, signs)), -len(signs)
