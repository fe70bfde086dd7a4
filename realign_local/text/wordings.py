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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

_BETWEEN = r"[\s*-]+"
_GAP = r"[^.\n?!。？！]{0,40}?"
_TOKENS = {"#": r"\d[\d,]*\+?", "_": r"\w[\w'&]*", '"': r"[\"“”«»`'‘]"}
_NAME = re.compile(r"\{(\w+)\}")
_BAR = re.compile(r"\|(?![^(]*\))")
"""A bar between words; one within brackets parts endings."""
_ENDINGS = re.compile(r"\(([^)]*)\)")
_NO_BOUNDARY = re.compile("[\u0600-\u1fff\u3040-\uffff]")
"""Scripts that put no blanks between words, or join small words and vowel signs to them."""


LONG = 5
"""A part of a word that is looked for without what a hyphen joins to it."""
RARE = 4
"""Signs of so many letters are rare enough: a few of them are better than many longer ones."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What finds a wording in a text: a pattern, and signs of which one is in every such text.

    Looking for signs is much faster than looking for a pattern, and they are seldom there.
    """

    regex: re.Pattern[str]
    signs: tuple[str, ...] = ("",)
    ascii_signs: tuple[str, ...] = ("",)

    def find(self, text: str) -> re.Match[str] | None:
        for sign in self.ascii_signs if text.isascii() else self.signs:
            if sign in text:
                return self.regex.search(text)
        return None


class WordingTable:
    """Many wordings for one text: each sign is looked for once, and most texts have few of them."""

    def __init__(self, wordings: Sequence[Wording]) -> None:
        self._wordings = tuple(wordings)
        self._by_sign: dict[bool, dict[str, list[int]]] = {True: {}, False: {}}
        for number, wording in enumerate(wordings):
            for in_ascii, signs in ((True, wording.ascii_signs), (False, wording.signs)):
                for sign in signs:
                    self._by_sign[in_ascii].setdefault(sign, []).append(number)

    def first(self, text: str) -> int | None:
        """The place of the first wording that the text has, None where it has none."""
        signs = self._by_sign[text.isascii()]
        may_be = {n for sign, numbers in signs.items() if sign in text for n in numbers}
        return next((n for n in sorted(may_be) if self._wordings[n].regex.search(text)), None)


def read_wording(says: str, words: Mapping[str, str], *, unless: str = "") -> Wording:
    """The wording `says` where `unless` does not follow; `words` are lists, parted by blanks."""
    places = [_spelt_out(place, words) for place in says.split()]
    needed = [_BAR.split(place) for place in places if place != ".." and place[0] != "["]
    signs = max(([s for word in place for s in _signs(word)] for place in needed), key=_worth)
    not_then = ""
    if unless:
        not_then = rf"(?![\s-]*{_regex([_spelt_out(place, words) for place in unless.split()])})"
    found = tuple(dict.fromkeys(signs))
    in_ascii = tuple(sign for sign in found if sign.isascii())
    return Wording(re.compile(_regex(places) + not_then), found, in_ascii)


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
    return f"(?:{'|'.join(map(_word, _BAR.split(place)))})"


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


def _worth(signs: list[str]) -> tuple[int, int]:
    """Few and long signs are worth more: they are found soon, and seldom where they mislead."""
    return min(RARE, *map(len, signs)), -len(signs)
