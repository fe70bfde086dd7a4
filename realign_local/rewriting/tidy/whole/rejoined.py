"""Lines of prose that were cut at a width, by a mail program, a scan or a hand, as paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from realign_local.base.words.sentences import sentences
from realign_local.text.code.code_blocks import split_lines
from realign_local.text.english import is_word
from realign_local.text.prose import lines_of_code, paragraph_lines
from realign_local.text.segments import FUNCTION_WORDS, vocabulary

MOST_CHARS = 20_000
WRAPPED_LINES = 4
NARROWEST, WIDEST = 30, 110
"""Columns at which texts are wrapped."""
USUAL = 50
"""Verse is narrower; below this, prose has to show in more than the width of its lines."""
NARROW_LINES = 5
NARROW_SENTENCES, BEGUN_WITHIN = 3, 2
"""What narrow lines must hold to be no free verse: sentences, and those that begin in a line."""
EVEN, NEARLY_EQUAL = 0.7, 0.8
"""Of the width: what a line that somebody broke by hand has at least, and one of narrow prose."""
MUCH_WIDER = 1.3
"""A line so much wider than the others says that the text was not cut at their width."""

_VERSE = re.compile(
    r"(?i)\bpoem|\bverse|\blyrics|\bsong|\bhaiku|\bsonnet|\brhym|\bcharacters|\bwrap"
    r"|\bstanza|\banthem|\bhymn|\brecit|\bquot|\blines\b|\bballad|\bpsalm|\bprayer|\bgedicht"
    r"|\bstrophe|\baddress"
)
_MARKER = re.compile(r"\s*(?:[-*+•–—>#|~]|\(?(?:\d{1,3}|[A-Za-z])[.)]\s)")
_RECORD = re.compile(
    r"\s*(?:[\[(]?(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}:\d{2})\b"
    r"|[\[(]?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b"
    r"|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* +\d{1,2}\b"
    r"|(?:[A-Za-z]:\\|~?/|\.{1,2}/)\S|[$%]\s|>>>|\w+@[\w.-]+[:~ ]|PS [A-Z]:)"
)
"""With what lines of a log or of a session begin: a time, a date, a level, a path, a prompt."""
_CLOSED = re.compile(r"[.!?:;…][\"'”’)\]]*$")
_ENDS_WITHIN = re.compile(r"\w\w[.!?][\"”’)]? +[\"“(]?[A-ZÀ-Þ]")
_APART = re.compile(r"(?<![.!?:])  |\t| \| ")
"""Columns; two blanks behind a sentence are a custom."""
_HYPHENATED = re.compile(r"([^\W\d_]+)-$")
_REST = re.compile(r"[^\W\d_]+")
_TIES = FUNCTION_WORDS | vocabulary(
    "or nor very too only such your our any both between through during without within against"
    " upon while because since until although though whether whose its"
)
"""No line of verse likes to end with one of these; of prose that was cut, many a line does."""


def unwrap(response: str, request: str) -> str:
    """Prose whose lines were cut at a width as whole paragraphs: all of it, or nothing."""
    if response.count("\n") < WRAPPED_LINES - 1 or len(response) > MOST_CHARS or "\r" in response:
        return response
    if _VERSE.search(request):
        return response
    lines = split_lines(response)
    if any(map(_RECORD.match, lines)) or _all_begin_large(list(filter(str.strip, lines))):
        return response
    blocks = list(paragraph_lines(lines))
    sure = [place for place, (a, b) in enumerate(blocks) if _is_surely_wrapped(lines[a:b])]
    if not sure or lines_of_code(response):
        return response
    width = max(len(line.rstrip()) for place in sure for line in lines[slice(*blocks[place])])
    if max(map(len, lines)) > MUCH_WIDER * width:
        return response
    done: list[str] = []
    at = 0
    for place, (start, end) in enumerate(blocks):
        block = lines[start:end]
        done += lines[at:start]
        if place in sure or _is_wrapped(block, width) or _is_like_them(block, width):
            whole = _joined(block, response)
            if not whole:
                return response
            done.append(whole)
        elif _may_be_wrapped(block, width):
            return response
        else:
            done += block
        at = end
    return "\n".join([*done, *lines[at:]])


def _is_surely_wrapped(lines: Sequence[str]) -> bool:
    width = max(len(line.rstrip()) for line in lines)
    if len(lines) < WRAPPED_LINES or not NARROWEST <= width <= WIDEST:
        return False
    if width >= USUAL and _is_wrapped(lines, width):
        return True
    if len(lines) < NARROW_LINES or not (_is_even(lines, width) and _breaks_anywhere(lines)):
        return False
    if any(len(line) < NEARLY_EQUAL * width for line in lines[:-1]) or not _tells(lines):
        return False
    ties = sum(line.split()[-1].lower() in _TIES for line in lines[:-1])
    return ties > 0 if _is_full(lines, width) else ties > 1 and 5 * ties >= len(lines) - 1


def _is_plain(lines: Sequence[str]) -> bool:
    if len(lines) < 2 or any(map(_MARKER.match, lines)) or any(map(_APART.search, lines)):
        return False
    return all(line == line.lstrip() and not line.endswith("  ") for line in lines)


def _is_wrapped(lines: Sequence[str], width: int) -> bool:
    """Whether each line is full: the first word of the next one would not have fitted in."""
    if not _is_plain(lines) or _all_begin_large(lines):
        return False  # verse, or lines of data
    return _is_full(lines, width) and _goes_on(lines) and _is_closed(lines[-1])


def _all_begin_large(lines: Sequence[str]) -> bool:
    return all(line.lstrip()[:1].isupper() for line in lines)


def _tells(lines: Sequence[str]) -> bool:
    """Whether several sentences begin wherever they come to stand, as in prose alone."""
    within = sum(len(_ENDS_WITHIN.findall(line)) for line in lines)
    return within >= BEGUN_WITHIN and len(sentences(" ".join(lines))) >= NARROW_SENTENCES


def _is_full(lines: Sequence[str], width: int) -> bool:
    return all(
        len(line.rstrip()) + 1 + len(after.split()[0]) > width for line, after in pairwise(lines)
    )


def _is_closed(line: str) -> bool:
    return _CLOSED.search(line.rstrip()) is not None


def _goes_on(lines: Sequence[str]) -> bool:
    """Whether most lines end within a sentence."""
    goes_on = sum(not _is_closed(line) for line in lines[:-1])
    return goes_on * 4 >= (len(lines) - 1) * 3


def _is_even(lines: Sequence[str], width: int) -> bool:
    return _is_plain(lines) and all(len(line) >= EVEN * width for line in lines[:-1])


def _breaks_anywhere(lines: Sequence[str]) -> bool:
    """Whether lines end without regard to what they say, as no verse does: a sentence begins within
    one of them, and most go on in the next."""
    return _goes_on(lines) and _go_on_small(lines) and any(map(_ENDS_WITHIN.search, lines))


def _go_on_small(lines: Sequence[str]) -> bool:
    return 2 * sum(line[0].islower() for line in lines[1:]) >= len(lines) - 1


def _is_like_them(lines: Sequence[str], width: int) -> bool:
    """Whether a block goes on from line to line, beside some that are wrapped."""
    fits = max(len(line.rstrip()) for line in lines) <= width
    verse = len(lines) > 2 and _all_begin_large(lines)
    return fits and not verse and _is_even(lines, width) and _goes_on(lines)


def _may_be_wrapped(lines: Sequence[str], width: int) -> bool:
    """Whether a block is so much like those that it is in doubt, and with it the text."""
    if len(lines) < 2 or lines[0][0].isspace() or any(map(_MARKER.match, lines)):
        return False
    long = sum(len(line) >= EVEN * width for line in lines[:-1])
    return 2 * long >= len(lines) and _goes_on(lines) and _go_on_small(lines)


def _joined(lines: Sequence[str], text: str) -> str:
    """The lines as one; empty where a word was cut and it is not certain which."""
    whole = lines[0].rstrip()
    for line in lines[1:]:
        cut = _HYPHENATED.search(whole)
        if not cut:
            whole += f" {line.rstrip()}"
            continue
        rest = _REST.match(line)
        if not rest:
            return ""
        one, other = cut[1].lower(), rest[0].lower()
        if f"{one}-{other}" not in text.lower() and is_word(one + other):
            whole = whole[:-1] + line.rstrip()
        elif is_word(one) and is_word(other):
            whole += line.rstrip()
        else:
            return ""
    return whole
