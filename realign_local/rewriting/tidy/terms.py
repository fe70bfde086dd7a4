"""Terms in a row: where one entry of "a, b, c and d" ends and the next begins, if that is sure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from realign_local.text.english import is_word
from realign_local.text.rules import rules

LEAST_LONG_TERMS = 4
MOST_WORDS_A_TERM, MOST_WORDS_A_TITLE = 7, 10

_TABLE = rules("tidy/terms")


def any_of(table: str, key: str, *, quote: bool = True) -> str:
    """A pattern of all that a table of terms.toml names."""
    found: list[str] = _TABLE[table][key]
    return "|".join(map(re.escape, found) if quote else found)


_ASKS_TITLES = re.compile(rf"(?i)\b(?:{any_of('titles', 'words')})s?\b")
_PAIR = re.compile(rf"(?i)\b(?:{any_of('pairs', 'names')})\b")
_COMMA_NAME = re.compile(rf"(?i)\b(?:{any_of('commas', 'names')})\b")
_STYLED = re.compile(rf"(?i)\b(?:{any_of('places', 'styles')}) of\b")
_PLACES = frozenset(_TABLE["places"]["names"])
NO_TERMS = frozenset(_TABLE["sentences"]["words"])
OPENERS = frozenset(_TABLE["sentences"]["openers"])
NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTS = {word: number for number, word in enumerate(NUMBER_WORDS, start=2)}
_COUNT = re.compile(rf"(?i)\b(\d{{1,2}}|{'|'.join(_COUNTS)})\b")
_ABBREVIATED = re.compile(r"(?:\b[A-Z]|\b(?:Inc|Jr|Sr|Ltd|Co|St|etc|Dr))\.$")
_NO_TERM = re.compile(r"[^\W\d_]{4,}[.!?] [A-Z]|[;=\\|。！？，、]|https?:|: [^A-Z]|^[^A-Z].*:")
_SAYS = re.compile(
    r"\b(?:is|are|was|were|be|include|includes|including|like|such|has|have|had|would|could|should"
    r"|can|will|may|might|do not|don't)\b"
)
"""Small, unlike in a title, they make a sentence of the text."""
_PAIRED = re.compile(r" (?:and|&|or) ")
_PAIRED_ABROAD = re.compile(r" (?:und|oder|et|ou|y|e|och|eller|og|ja|и|або|или) ")
_ABOUT_IT = re.compile(r" (?:of|in|on|from|for|to|with) [^\W\d_A-Z]")
"""What such a word in the first entry says may hold for all of them."""
_PARTS = re.compile(r"\s|[A-Za-zÀ-ɏ\"“]")
"""What may follow a comma between two terms: no digit, and nothing of a script without blanks."""
_OPEN, _CLOSE = "([{“«", ")]}”»"


def terms_of(body: str, request: str) -> tuple[str, ...]:
    """The entries of "a, b, c and d"; none where it is not sure where one of them ends."""
    parts = _split(without_stop(body))
    if len(parts) < LEAST_LONG_TERMS - 1 or _COMMA_NAME.search(body):
        return ()
    if _STYLED.search(body) or any(map(_PAIRED_ABROAD.search, parts)):
        return ()
    parts = _with_last_parted(parts, request)
    once = len(set(parts)) == len(parts)
    return tuple(parts) if once and all(map(_is_term, parts)) and _is_sure(parts) else ()


def _split(body: str) -> list[str]:
    """At the commas outside of brackets and quotation marks, and not within numbers."""
    parts, start, depth, quoted = [], 0, 0, False
    for place, sign in enumerate(body):
        depth += (sign in _OPEN) - (sign in _CLOSE)
        quoted ^= sign == '"'
        if sign == "," and not depth and not quoted and _PARTS.match(body, place + 1):
            parts.append(body[start:place].strip())
            start = place + 1
    parts.append(body[start:].strip())
    return [] if depth or quoted else parts


def _with_last_parted(parts: list[str], request: str) -> list[str]:
    """The last "c and d" as two entries, "and d" as one; nothing where either may be right."""
    *others, last = parts
    named = re.sub(r"^(?:and|or) ", "", last)
    if named != last:
        return [*others, named]
    if not _PAIRED.search(last):
        return parts
    if _PAIR.search(last):
        return [] if _PAIRED.search(_PAIR.sub("", last)) else parts
    counted = _count(request)
    if counted == len(parts):
        return parts
    halves = last.split(" and ")
    if len(halves) != 2 or any(_PAIRED.search(part) for part in others):
        return []
    sure = counted == len(parts) + 1 or (not _ASKS_TITLES.search(request) and _fit(halves, others))
    return [*others, *halves] if sure else []


def _count(request: str) -> int:
    found = _COUNT.search(request[:300])
    return (_COUNTS.get(found[1].lower()) or int(found[1])) if found else 0


def _fit(halves: Sequence[str], others: Sequence[str]) -> bool:
    """Whether both halves are common nouns as short as the other entries, or names as long as all.

    "Housing and Urban Development" is one department: other names are not parted.
    """
    lengths = {len(part.split()) for part in (*others, *halves)}
    if len(lengths) == 1 and lengths != {1}:
        return True
    longest = max(len(part.split()) for part in others)
    return all(half and len(half.split()) <= longest and half[0].islower() for half in halves)


def _is_term(part: str) -> bool:
    words = part.split()
    if len(part) < 2 or not words or words[0].strip(".,!?") in NO_TERMS:
        return False
    if not any(sign.isalpha() for sign in part):
        return False
    most = MOST_WORDS_A_TITLE if part[0].isupper() else MOST_WORDS_A_TERM
    return len(words) <= most and not _NO_TERM.search(part) and not _SAYS.search(part)


def _is_sure(parts: Sequence[str]) -> bool:
    """No sentence, no labels, and no town with its state as an entry of its own."""
    if not parts or parts[0].split()[0].lower() in OPENERS:
        return False
    if sum(": " in part for part in parts) > 1 or "between " in parts[-2]:
        return False
    first, *others = parts
    if _ABOUT_IT.search(first) and not any(map(_ABOUT_IT.search, others)):
        return False
    places = sum(part.lower().rstrip(".") in _PLACES for part in parts)
    return places == 0 or places >= 0.8 * len(parts)


def alike(parts: Sequence[str]) -> tuple[str, ...]:
    """Entries that begin alike: capitals for all where the first one's came from its place alone.

    Where small letters are the exception they may belong to names: no entries then.
    """
    small = sum(part[0].islower() and with_capital(part) != part for part in parts)
    if small in (0, len(parts)):
        return tuple(parts)
    if any(map(is_symbol, parts)):
        return ()
    came_from_its_place = parts[0][0].isupper() and 2 * small >= len(parts) - 1
    return tuple(map(with_capital, parts)) if came_from_its_place else ()


_SYMBOL = re.compile(r"[^\W\d_](?![\w'’-])(?!(?<=a) (?!is\b|are\b|stands\b)[^\W\d_])")
"""A letter by itself, unless it is an article: `v is speed`, but `a speed`."""
_OF_CODE = re.compile(r"[^\W\d_]+(?:[\w.:/@]*[\d_.:/@(\[]\S| ?[-+*/]?=)")
LEAST_LETTERS_NO_UNIT = 5
"""Shorter small words that are not English are units, commands or variables: `kg`, `cd`, `dx`."""


def is_symbol(part: str) -> bool:
    """Whether an entry begins with something whose small letter is meant: `v is`, `a.append(2)`."""
    if not part[0].islower():
        return False
    word = re.split(r"[\W_]", part, maxsplit=1)[0]
    short = len(word) < LEAST_LETTERS_NO_UNIT and word.isascii() and not is_word(word)
    return short or bool(_SYMBOL.match(part) or _OF_CODE.match(part))


def with_capital(part: str) -> str:
    """With its first letter a capital, unless its name is written small on purpose: `iPhone`."""
    first = re.split(r"\W", part, maxsplit=1)[0]
    return part[0].upper() + part[1:] if first.islower() else part


def without_stop(text: str) -> str:
    """Without the full stop that closed the whole list, unless it belongs to a word."""
    return text if _ABBREVIATED.search(text) else text.removesuffix(".").rstrip()
