"""`slips`: words that every reader sees to be slips, in running English text.

Contractions without their apostrophe, small words that stand twice, a small i for I, and frequent
misspellings (text/rules/tidy/slips.toml, misspelt.toml). What somebody may have meant stays: what
is quoted, verse, dialogue, a chat's or a dialect's way to write, a name, and what the request
itself writes so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from realign_local.gates.language import latin_language
from realign_local.rewriting.operation import Operation
from realign_local.rewriting.tidy.characters import about_code
from realign_local.rewriting.tidy.surface import has_english_words, is_english
from realign_local.text.equal.slip_words import (
    BEHIND,
    SET_APART,
    TWICE,
    WORD,
    begins,
    beside,
    doubled_words,
    guarded_slips,
    like_written,
    listed,
    meant,
    small_slips,
    sure_slips,
    words_of,
)
from realign_local.text.equal.slips_meant import (
    LONE_I,
    held_words,
    is_pronoun,
    speaks_of_words,
    twice,
)
from realign_local.text.prose import in_prose, lines_of_code, paragraph_lines
from realign_local.text.rules import rules

_GLUED_BEFORE, _GLUED_BEHIND = (
    frozenset("-_/\\#@.&=+<>~^$%:'’\ue001"),
    frozenset("_/\\#@&=+<>~^('’"),
)
"""A word right behind or right before one of these is part of something else: `recieved_at`."""
_NAME_GOES_ON = re.compile(r"[-.:]\w")
_HELD_LINE = re.compile(
    r"[ \t]*>|[ \t]*[–—]|[^|]*\||.*?[-=]>|[^→✗✘❌]*[→✗✘❌]|[ \t]*(?://|#+[ ]?(?![A-Z#]))"
    r"|(?: {4,}|\t)(?![ \t]*(?:[-*+•]|\d{1,3}[.)])\s)"
)
"""Quotations, rows of tables, lines that show what becomes what, and what may be code."""
_ANNOUNCED = re.compile(
    r"\b(?:letters?|e-?mails?|mails?|reviews?|examples?|samples?|notes?|tattoos?|messages?|posts?"
    r"|comments?|tickets?|signs?|texts?|drafts?|diary|entry|complaints?)\b[^\n:]{0,60}:\**[ \t]*"
    r"(?=\n[ \t]*\n|\n?[ \t]*Dear\b)",
    re.IGNORECASE,
)
"""What follows is a text of somebody, to the end of the response."""
_ITEM = re.compile(r"[ \t]*(?:[-*+•#]|\(?\d{1,3}[.)])[ \t]")
_SPEAKER = re.compile(r"(?m)^[ \t]*\**([A-Z][\w.' ]{0,24}):\**[ \t]")
_START = re.compile(r"(?:^|[.!?]\s+|\n\s*(?:[-*•]\s+|\d+[.)]\s+)?)([A-Za-z])(?!(?<=i)\b)")
LEAST_LINES_OF_VERSE, MOST_SIGNS_OF_VERSE = 3, 60
LEAST_LETTERS_TOLD_APART = 6
"""A shorter right word (that, their) stands in a line for its own reasons."""
NEAR_SIGNS = 300
SLANG_MAKES_STYLE, WORDS_FOR_ONE = 2, 25
"""So many words of chats or dialects make a style; one does in a text of so few words."""
LOOKED_AT_HEAD, LOOKED_AT_TAIL = 1200, 600


@dataclass(frozen=True, slots=True)
class _Mend:
    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class _Style:
    """How the text writes: its apostrophe, whether small letters are kept up; and what is kept."""

    apostrophe: str
    is_small: bool
    has_pronoun: bool
    speaks_of_words: bool
    kept: frozenset[str]
    kept_twice: frozenset[str]


MOST_ROUNDS = 40
"""A row of doubled words loses half of them in each; so many no text has."""


def mend_slips(response: str, request: str) -> str:
    """The response with its slips mended, if it has some and speaks English as books do.

    A word that stands four times in a row is twice doubled.
    """
    for _ in range(MOST_ROUNDS):
        before, response = response, _mended_once(response, request)
        if response == before:
            break
    return response


def _mended_once(response: str, request: str) -> str:
    words = words_of(response)
    if not _may_slip(response, words) or _is_meant(response, request, words):
        return response
    style = _Style(
        "’" if "’" in response and "'" not in response else "'",
        _is_small_throughout(response),
        is_pronoun(response),
        speaks_of_words(response),
        held_words(response).union(_slips_in(request)),
        frozenset(found[1].lower() for found in TWICE.finditer(request)),
    )
    return in_prose(response, lambda stretch: _mended(stretch, style))


def _may_slip(response: str, words: frozenset[str]) -> bool:
    if not words.isdisjoint(sure_slips()) or LONE_I.search(response):
        return True
    if any(found[1].lower() in doubled_words() for found in TWICE.finditer(response)):
        return True
    return not words.isdisjoint(guarded_slips()) and any(_slips_in(response))


def _slips_in(text: str) -> Iterator[str]:
    """The words of a text that are slips, in small letters; `its` is one beside some words."""
    for found in WORD.finditer(text):
        word = found[0].lower().replace("’", "'")
        if word in sure_slips() or (word in guarded_slips() and meant(word, beside(found))):
            yield word


def _is_meant(response: str, request: str, words: frozenset[str]) -> bool:
    """Whether the text is no English, or what looks like slips may be how it is to be written."""
    if not (is_english(response, request) and has_english_words(response)):
        return True
    if about_code(request) and (lines_of_code(response) or "`" in response):
        return True
    slang = len(words & listed(rules("tidy/slips")["style"]["words"]))
    if slang >= SLANG_MAKES_STYLE or (slang and response.count(" ") < WORDS_FOR_ONE):
        return True
    speakers = _SPEAKER.findall(response)
    looked_at = f"{request[:LOOKED_AT_HEAD]}\n{request[LOOKED_AT_HEAD:][-LOOKED_AT_TAIL:]}".lower()
    return len(set(speakers)) < len(speakers) or _asked_so().search(looked_at) is not None


@cache
def _asked_so() -> re.Pattern[str]:
    entries = rules("tidy/slips")["style"]["requests"]
    return re.compile("|".join(f"(?:{entry['pattern']})" for entry in entries))


def _is_small_throughout(response: str) -> bool:
    """Whether most sentences begin small, the lone i aside: a style, or no slip of one word."""
    starts = _START.findall(response)
    small = len([sign for sign in starts if sign.islower()])
    return small > 1 and 2 * small > len(starts)


def _mended(stretch: str, style: _Style) -> str:
    mends = [*_words(stretch, style), *_twice(stretch, style), *_pronouns(stretch, style)]
    if not mends:
        return stretch
    held = bytearray(len(stretch) + 1)  # a one for each sign that stays
    for found in SET_APART.finditer(stretch):
        held[found.start() : found.end()] = b"\1" * (found.end() - found.start())
    for start, end in _held_lines(stretch):
        held[start:end] = b"\1" * (end - start)
    pieces, done = list[str](), 0
    for mend in sorted(mends, key=lambda mend: mend.start):
        if mend.start >= done and not any(held[mend.start : mend.end]):
            pieces += (stretch[done : mend.start], mend.new)
            done = mend.end
    return "".join((*pieces, stretch[done:]))


def _held_lines(stretch: str) -> Iterator[tuple[int, int]]:
    """Where lines stand that are no prose, verse, what is in another language, and quotations
    of several lines."""
    lines = stretch.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for at, line in enumerate(lines):
        if _HELD_LINE.match(line):
            yield starts[at], starts[at + 1]
    for first, end in paragraph_lines(lines):
        paragraph = lines[first:end]
        speaks = latin_language("\n".join(paragraph))
        open_quote = any(line.count('"') % 2 for line in paragraph)
        lazy_quote = any(line.lstrip().startswith(">") for line in paragraph)
        if speaks not in ("", "en") or open_quote or lazy_quote or _is_verse(paragraph):
            yield starts[first], starts[end]
    for found in _ANNOUNCED.finditer(stretch):
        yield found.end(), len(stretch)


def _is_verse(lines: list[str]) -> bool:
    """Whether lines are short and no entries of a list."""
    if len(lines) < LEAST_LINES_OF_VERSE or any(map(_ITEM.match, lines)):
        return False
    return sum(len(line.strip()) < MOST_SIGNS_OF_VERSE for line in lines) >= len(lines) - 1


# --- words ---------------------------------------------------------------------------------------


def _words(stretch: str, style: _Style) -> Iterator[_Mend]:
    sure, guarded = sure_slips(), guarded_slips()
    for found in WORD.finditer(stretch):
        word = found[0].lower().replace("’", "'")
        if word not in sure and word not in guarded:
            continue
        if (
            not style.kept.isdisjoint((word, found[0]))
            or _is_glued(found)
            or not _is_written_as_word(found, word)
        ):
            continue
        right = meant(word, beside(found))
        if (
            not right
            or _are_told_apart(found, right)
            or (style.is_small and right.startswith("I'"))
        ):
            continue
        right = like_written(right, found[0]).replace("'", style.apostrophe)
        yield _Mend(found.start(), found.end(), right)


def _is_glued(found: re.Match[str]) -> bool:
    """Whether the word is a part of a name, a path or a compound."""
    text, start, end = found.string, found.start(), found.end()
    if start and (text[start - 1] in _GLUED_BEFORE or text[start - 1].isdigit()):
        return True
    behind = text[end : end + 1]
    return bool(behind) and (
        behind in _GLUED_BEHIND or behind.isdigit() or bool(_NAME_GOES_ON.match(text, end))
    )


def _is_written_as_word(found: re.Match[str], word: str) -> bool:
    """Small, or with the capital that begins a sentence; beside other capitals it may be a name."""
    written = found[0]
    if written.islower():
        return True
    behind = BEHIND.match(found.string, found.end())
    if word in small_slips() or not written[1:].islower() or _is_capital(behind):
        return False
    return begins(found)


def _are_told_apart(found: re.Match[str], right: str) -> bool:
    """Whether a misspelling and its right word stand in one line, as where it is spoken of."""
    if "'" in right or len(right) < LEAST_LETTERS_TOLD_APART:
        return False
    text, start, end = found.string, found.start(), found.end()
    before = text[max(0, start - NEAR_SIGNS) : start].rpartition("\n")[2]
    behind = text[end : end + NEAR_SIGNS].partition("\n")[0]
    return re.search(rf"\b{right}\b", f"{before} {behind}", re.IGNORECASE) is not None


def _is_capital(neighbour: re.Match[str] | None) -> bool:
    return neighbour is not None and neighbour[1][0].isupper() and neighbour[1] != "I"


# --- words that stand twice ----------------------------------------------------------------------


def _twice(stretch: str, style: _Style) -> Iterator[_Mend]:
    if style.speaks_of_words:
        return
    for found in twice(stretch):
        if found[1].lower() not in style.kept_twice and not _is_glued(found):
            yield _Mend(found.end(1), found.end(), "")


# --- i -------------------------------------------------------------------------------------------


def _pronouns(stretch: str, style: _Style) -> Iterator[_Mend]:
    if style.has_pronoun and not style.is_small:
        for found in LONE_I.finditer(stretch):
            yield _Mend(found.start(), found.end(), "I")


OPERATIONS: tuple[Operation, ...] = (
    Operation("slips", "Words that every reader sees to be slips (dont, the the).", mend_slips),
)
