"""What a request in another language asks for, in a few English words; the words are data.

The encoder knows English, and so do most of the labelled queries.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from realign_local.text.small_words import languages_of

TABLE = Path(__file__).with_name("glosses.toml")

_MARKS_OF_LATIN = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = (
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u0621-\u064a]{2}"), "ar"),
    (re.compile("[\u0900-\u097f]"), "hi"),
    (re.compile("[а-яё]{2}"), "ru"),
)
_GLUED = frozenset(("zh", "ja"))
"""Written without blanks between words."""

_BEFORE = {"ar": "(?:[وفبلك]|[وفبك]?ال|لل)?"}
"""What may stand before a word in the same unit, such as an article."""

_SIGNS = str.maketrans({
    "？": "? ", "！": "! ", "。": ". ", "：": ": ", "，": ", ", "、": ", ", "؟": "?", "،": ",",
    "।": ". ", "«": '"', "»": '"', "„": '"', "“": '"', "”": '"', "「": '"', "」": '"', "『": '"',
    "』": '"', "’": "'", "¿": None, "¡": None,
})  # fmt: skip


@cache
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def table() -> dict[str, dict[str, Any]]:
    """The languages of the data file, by their codes."""
    return {code: entry for code, entry in _data().items() if code != "kept"}


def plain_signs(text: str) -> str:
    """The same with the signs of other scripts as English has them: a full-width colon is one."""
    return text if text.isascii() else text.translate(_SIGNS)


@lru_cache(maxsize=1024)
def gloss(text: str) -> str:
    """The English words for what the text asks; "" for English and for languages not in the table.

    >>> gloss("Schreib mir bitte ein kurzes Gedicht.")
    'write me poem'
    """
    folded = _folded(text)
    language = _language(folded)
    if not language:
        return ""
    words = _words(language)
    return " ".join(words.english(found.group()) for found in words.pattern.finditer(folded))


def _folded(text: str) -> str:
    """Small letters without accents: those who type in haste leave them out."""
    small = text.lower().replace("ı", "i")
    if small.isascii():
        return small
    bare = _MARKS_OF_LATIN.sub("", unicodedata.normalize("NFD", small))
    return unicodedata.normalize("NFC", bare)


def _language(folded: str) -> str:
    """By the script, else the one with most of the words, if English has fewer.

    Where close languages are as near, what can be read of the text in each decides.
    """
    for script, language in _SCRIPTS if not folded.isascii() else ():
        if script.search(folded):
            return language
    votes: Counter[str] = Counter()
    for word in {word for word in _WORD.findall(folded) if len(word) > 1}:
        votes.update(_speakers().get(word, ()))
    most = max(votes.values(), default=0)
    near = [code for code in table() if votes[code] and votes[code] >= most - 1]
    if votes["en"] >= most or not near:
        return ""
    return max(near, key=lambda code: votes[code] + len(_words(code).pattern.findall(folded)))


@cache
def _speakers() -> dict[str, frozenset[str]]:
    """Each word that tells a language, with the languages that have it."""
    found: dict[str, set[str]] = {}
    for word, languages in languages_of("short").items():
        found.setdefault(_folded(word), set()).update(languages)
    for language, entry in table().items():
        for english, phrases in entry["words"].items():
            for word in _WORD.findall(english):
                found.setdefault(word, set()).add("en")
            for phrase in _listed(phrases):
                if " " not in phrase:
                    found.setdefault(phrase.rstrip("*"), set()).add(language)
    return {word: frozenset(languages) for word, languages in found.items()}


def _listed(phrases: str) -> Iterator[str]:
    return (_folded(phrase.strip()) for phrase in phrases.split(",") if phrase.strip())


@dataclass(frozen=True, slots=True)
class _Words:
    """The pattern that finds a language's phrases, and the English for each as it is listed."""

    pattern: re.Pattern[str]
    whole: dict[str, str]
    beginnings: tuple[tuple[str, str], ...]

    def english(self, found: str) -> str:
        """The longest beginning decides where the phrase itself is not listed."""
        if found in self.whole:
            return self.whole[found]
        return next((english for start, english in self.beginnings if start in found), "")


@cache
def _words(language: str) -> _Words:
    pairs = [(name, name) for name in _data()["kept"]["words"].split()]
    pairs += [
        (phrase, english)
        for english, phrases in table()[language]["words"].items()
        for phrase in _listed(phrases)
    ]
    pairs.sort(key=lambda pair: -len(pair[0]))
    pattern = re.compile(_pattern((phrase for phrase, _ in pairs), language))
    whole = {phrase: english for phrase, english in reversed(pairs) if not phrase.endswith("*")}
    bare = tuple((phrase.rstrip("*"), english) for phrase, english in pairs)
    return _Words(pattern, whole, bare)


def _pattern(phrases: Iterable[str], language: str) -> str:
    if language in _GLUED:
        return "|".join(map(re.escape, phrases))
    end = r"(?![\w\u0900-\u0963])"
    parts = (
        re.escape(phrase[:-1]) + r"\w*" if phrase.endswith("*") else re.escape(phrase) + end
        for phrase in phrases
    )
    return rf"(?<![\w\u0900-\u0963]){_BEFORE.get(language, '')}(?:{'|'.join(parts)})"
