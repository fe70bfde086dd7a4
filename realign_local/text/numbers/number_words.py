"""Numbers written as words: `seventy-two` is 72; `one`, often a pronoun, only in compounds."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = {word: value for value, word in enumerate(_SMALL.split())}
_TENS = {word: value * 10 for value, word in enumerate(_ROUND.split(), start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_OTHER = {
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici",
    "pt": "dois três quatro cinco seis sete oito nove dez onze doze",
    "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf",
    "ru": "два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать",
}
_AMBIGUOUS = {"six", "once", "sei", "sept", "dos", "dix", "due", "tre"}
_FOREIGN = {
    word: value
    for words in _OTHER.values()
    for value, word in enumerate(words.split(), start=2)
    if word not in _AMBIGUOUS
}

_SPELLINGS: dict[str, set[str]] = {}
for _words in _OTHER.values():
    for _value, _word in enumerate(_words.split(), start=2):
        _SPELLINGS.setdefault(str(_value), set()).add(_word)

_ONE = "one ein eine einen einem einer un une uno una um uma een één один одна одну"
_COUNTED = re.compile(r" ([^\W\d_]{2,})\b")
_ONE_OF = re.compile(rf"\b(?:an?|{_ONE.replace(' ', '|')})(?= ([^\W\d_]{{2,}}))", re.IGNORECASE)
_VALUES = {
    **{word: str(value) for word, value in _ONES.items()},
    **dict.fromkeys(_ONE.split(), "1"),
    **{word: value for value, words in _SPELLINGS.items() for word in words},
}
SMALL = frozenset(_VALUES)
"""Words for small numbers, in some languages."""
_TO = r"((?: (?:to|or|bis|oder|à|ou|a|o|tot|of|до|или) )|-to-)"
_VALUE = "|".join(_VALUES)
_FROM_TO = re.compile(rf"\b({_VALUE}){_TO}({_VALUE})\b", re.IGNORECASE)
_FROM_TO_ANY = re.compile(rf"\b({_VALUE}){_TO}({_VALUE}|\d+)\b", re.IGNORECASE)
_ANY = "|".join([*_ONES, *_TENS])
_AND = r"(?<=hundred)\ and\ |(?<=thousand)\ and\ |(?<=illion)\ and\ "
_PATTERN = (
    rf"\b(?!(?:{_ANY})\ dozen)(?:a\ )?(?:{_ANY}|hundred|thousand)"
    rf"(?:(?:{_AND}|[\ -])(?:{_ANY}|hundred|thousand|million|billion)){{0,11}}\b"
    rf"|\b(?:half\ a|a|{_ANY})\ dozen\b|\b(?:{'|'.join(_FOREIGN)})\b"
)
SPELLED = re.compile(_PATTERN, re.IGNORECASE)
_SPELLED_LOWERED = re.compile(_PATTERN)


_ONES_IN_ORDER = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
)  # fmt: skip
_ONES_TH = re.compile(rf"[ -]({'|'.join(_ONES_IN_ORDER)})\b", re.IGNORECASE)
_PARTS = {
    "halves": 2, "thirds": 3, "quarters": 4, "fourths": 4, "fifths": 5, "sixths": 6,
    "sevenths": 7, "eighths": 8, "ninths": 9, "tenths": 10,
}  # fmt: skip
_PART = re.compile(rf"[ -]({'|'.join(_PARTS)})\b", re.IGNORECASE)
_SPELLED_PART = re.compile(
    rf"\b({'|'.join(_SMALL.split()[1:])})[ -]({'|'.join(_PARTS)})\b", re.IGNORECASE
)
_VOCABULARY = frozenset([*_ONES, *_TENS, *_SCALES, *_FOREIGN, "dozen"]) - {"one"}


def may_be_spelled(words: frozenset[str]) -> bool:
    """A quick look at a text's words in lower case: whether SPELLED is worth running."""
    return not _VOCABULARY.isdisjoint(words)


def spelled_in(text: str) -> Iterator[tuple[int, int]]:
    """Where each number in words begins and ends."""
    found = _SPELLED_LOWERED.finditer(text.lower()) if text.isascii() else SPELLED.finditer(text)
    return (m.span() for m in found)


def value_of(spelled: str) -> int | None:
    """The number that a run of number words stands for; None for a lone `one` or for `a thousand`s
    of vague meaning."""
    text = spelled.lower()
    if text in _FOREIGN:
        return _FOREIGN[text]
    parts = [part for part in re.split(r"[\s-]+", text) if part not in ("and", "a")]
    if parts[-1] == "dozen":
        return 6 if parts[0] == "half" else 12 * _sum(parts[:-1] or ["one"])
    if parts in (["one"], ["hundred"], ["thousand"]):
        return None if not text.startswith("a ") else _SCALES.get(parts[0])
    return _sum(parts)


def ordinal_behind(text: str, end: int, tens: int) -> tuple[int, int] | None:
    """The value of `twenty-first`, of which the tens have been read, and where it ends."""
    m = _ONES_TH.match(text, end) if tens in _TENS.values() else None
    return (tens + _ONES_IN_ORDER.index(m[1].lower()) + 1, m.end()) if m else None


def part_named(text: str, end: int) -> tuple[int, int] | None:
    """What a number in words is divided by, as in `two thirds`, and where that ends."""
    m = _PART.match(text, end)
    return (_PARTS[m[1].lower()], m.end()) if m else None


def parts_as_signs(text: str) -> str:
    """The text with `two-thirds` as `2/3`."""
    return _SPELLED_PART.sub(lambda m: f"{value_of(m[1])}/{_PARTS[m[2].lower()]}", text)


def spelled_otherwise(value: str, text: str, other: str) -> bool:
    """Whether a text has a small number as a word, even one that may mean something else (`dos`).

    The other text does not have that word.
    """
    names = _SPELLINGS.get(value, ())
    return any(name in _split(text) and name not in _split(other) for name in names)


@lru_cache(maxsize=8)
def _split(text: str) -> frozenset[str]:
    return frozenset(text.lower().split())


def ranges_in_digits(text: str, other: str) -> str:
    """The text with `one to two` as `1 to 2`, where the other text has these numbers in digits."""
    numerals = frozenset(re.findall(r"\d+", other))

    def in_digits(m: re.Match[str]) -> str:
        one, two = _VALUES[m[1].lower()], _VALUES[m[3].lower()]
        return f"{one}{m[2].replace('-', ' ')}{two}" if {one, two} <= numerals else m[0]

    return _FROM_TO.sub(in_digits, text)


def all_ranges_in_digits(text: str) -> str:
    """The text with `two to five` as `2 to 5`, be one of them in digits."""

    def in_digits(m: re.Match[str]) -> str:
        one, two = (_VALUES.get(m[end].lower(), m[end]) for end in (1, 3))
        return f"{one}{m[2].replace('-', ' ')}{two}"

    return _FROM_TO_ANY.sub(in_digits, text)


def stands_for_one(numeral_end: int, text: str, other: str) -> bool:
    """`1 box` that has become `one box` or `a box`."""
    counted = _COUNTED.match(text[numeral_end : numeral_end + 40])
    if not counted:
        return False
    word = counted[1].lower()
    return _counts_one(word, other) and not _counts_one(word, text)


def _counts_one(word: str, text: str) -> bool:
    """Whether a word that begins so stands behind `one` or `a`."""
    counted = _counted_once(text)
    at = bisect_left(counted, word)
    return at < len(counted) and counted[at].startswith(word)


@lru_cache(maxsize=8)
def _counted_once(text: str) -> tuple[str, ...]:
    """The words behind `one` or `a`, in the order of the alphabet."""
    return tuple(sorted({m[1].lower() for m in _ONE_OF.finditer(text)}))


def _sum(parts: list[str]) -> int:
    total = current = 0
    for part in parts:
        if part in _SCALES and part != "hundred":
            total, current = total + max(current, 1) * _SCALES[part], 0
        elif part == "hundred":
            current = max(current, 1) * 100
        else:
            current += _ONES.get(part, 0) + _TENS.get(part, 0)
    return total + current
