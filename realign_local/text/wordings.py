"""Wordings: a way to write down what people say, simpler than a regular expression.

A wording is words in a row, for text in small letters:

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
from collections.abc import Mapping

_BETWEEN = r"[\s*-]+"
_GAP = r"[^.\n?!。？！]{0,40}?"
_TOKENS = {"#": r"\d[\d,]*\+?", "_": r"[\w'’&]+", '"': r"[\"“”«»`'‘]"}
_NAME = re.compile(r"\{(\w+)\}")
_BAR = re.compile(r"\|(?![^(]*\))")
"""A bar between words; one within brackets parts endings."""
_ENDINGS = re.compile(r"\(([^)]*)\)")
_NO_BOUNDARY = re.compile("[\u0600-\u1fff\u3040-\uffff]")
"""Scripts that put no blanks between words, or join small words and vowel signs to them."""


def pattern(wording: str, words: Mapping[str, str]) -> str:
    """The wording as a regular expression; `words` has the lists, with blanks between words."""
    regex, between = "", ""
    for place in wording.split():
        if place == "..":
            regex, between = regex + _GAP, ""
        elif place.startswith("["):
            regex, between = f"{regex}{between}(?:{_one_of(place[1:-1], words)}{_BETWEEN})?", ""
        else:
            regex, between = f"{regex}{between}{_one_of(place, words)}", _BETWEEN
    return regex


def _one_of(place: str, words: Mapping[str, str]) -> str:
    while name := _NAME.search(place):  # a list may hold another
        place = place.replace(name[0], "|".join(words[name[1]].split()))
    return f"(?:{'|'.join(map(_word, _BAR.split(place)))})"


def _word(word: str) -> str:
    if word in _TOKENS:
        return _TOKENS[word]
    regex = re.escape(_ENDINGS.sub("\0", word)).replace(r"\*", r"\w*")
    regex = regex.replace(r"\-", r"[\s-]?").replace("'", "['’]")
    for endings in _ENDINGS.findall(word):
        regex = regex.replace("\\\0" if "\\\0" in regex else "\0", f"(?:{endings})?", 1)
    if _NO_BOUNDARY.search(word):
        return regex
    before = r"\b" if word[0].isalnum() else ""
    after = r"\b" if word[-1].isalnum() or word[-1] in "*)" else ""
    return f"{before}{regex}{after}"
