"""Markup that nests, taken out before the parser sees it: references, variants, captions."""

from __future__ import annotations

import re
from collections.abc import Iterator

_REFERENCE = re.compile(r"<ref\b[^<>]*?(/)?>|</ref\s*>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n|^=", re.MULTILINE)
Span = tuple[int, int]


def without_references(text: str) -> tuple[str, int]:
    """The text without <ref>..</ref>, also where one stands in another, and how many were found.

    One that is never closed ends at the latest with its paragraph: what follows is prose.
    """
    parts, place, found = [], 0, 0
    for start, stop in _references(text):
        if start >= place:
            parts.append(text[place:start])
            place, found = stop, found + 1
    return "".join([*parts, text[place:]]), found


def _references(text: str) -> Iterator[Span]:
    """Where the outermost references are; one within another that stays open goes with its end."""
    open_at: list[int] = []
    inner = 0  # where the last one inside an open one ended
    for match in _REFERENCE.finditer(text):
        if open_at and _PARAGRAPH.search(text, max(open_at[-1], inner), match.start()):
            yield from _given_up(open_at, inner)
            open_at, inner = [], 0
        if match[1]:
            if not open_at:
                yield match.span()
        elif not match[0].startswith("</"):
            open_at.append(match.start())
        elif open_at:
            start = open_at.pop()
            inner = match.end()
            if not open_at:
                yield start, match.end()
                inner = 0
    yield from _given_up(open_at, inner)


def _given_up(open_at: list[int], inner: int) -> Iterator[Span]:
    if open_at and inner:
        yield open_at[0], inner


VARIANT_LANGUAGES = frozenset(
    ["zh", "gan", "yue", "wuu", "hak", "sr", "sh", "kk", "ku", "tg", "uz", "shi", "iu", "crh"]
)
_VARIANT = re.compile(r"-\{((?:(?!-\{|\}-).)*)\}-", re.DOTALL)
_CODE = re.compile(r"(?:^|;)\s*(?:[^:;|\[\]{}]*=>\s*)?([a-z]{2,4}(?:-[a-z]+)*)\s*:")
_FLAG = re.compile(r"[ADHNRST+-]|[a-z]{2,4}(?:-[a-z]+)*")
_UNSEEN_FLAGS = frozenset("HT-")
MOST_NESTED = 6


def without_variants(text: str) -> str:
    """-{zh-hans:计算机;zh-hant:電腦}- as its first variant; a rule that shows nothing as nothing.

    T names the page and H adds a rule for the rest of it: neither is seen where it stands.
    """
    for _ in range(MOST_NESTED):
        text, number = _VARIANT.subn(lambda match: _seen(match[1]), text)
        if not number:
            break
    return text


def _seen(inner: str) -> str:
    head, bar, rest = inner.partition("|")
    flags = [flag.strip() for flag in head.split(";")]
    if bar and (not head.strip() or all(map(_FLAG.fullmatch, flags))):
        if _UNSEEN_FLAGS.intersection(flags):
            return ""
        inner = rest
        if "R" in flags:
            return inner
    codes = list(_CODE.finditer(inner))
    if not codes or codes[0].start() != 0:
        return inner
    stop = codes[1].start() if len(codes) > 1 else len(inner)
    return inner[codes[0].end() : stop].strip().rstrip(";").strip()


_CAPTION = re.compile(r"^[ \t:]*\|\+(.*?)(?=^[ \t:]*[|!]|\Z)", re.DOTALL | re.MULTILINE)


def with_captions_as_rows(text: str) -> str:
    """A table's caption as a row of its own: the parser takes it for the first cell of a row."""
    if "|+" not in text or "{|" not in text:
        return text
    return _CAPTION.sub(lambda match: f"|-\n! {match[1].strip()}\n|-\n", text)
