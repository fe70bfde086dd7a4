"""Lists with bullets in one line, `Tips: - Rest - Sleep - Drink`; what such a list is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from realign_local.base.words.sentences import sentences
from realign_local.rewriting.tidy.terms import any_of, is_symbol, with_capital, without_stop
from realign_local.text.code.code_blocks import split_lines

LEAST_ENTRIES = 3
LEAST_WORDS_A_DASHED = 3
MOST_WORDS_A_CLAUSE = 25
MOST_SIGNS_A_LIST = 6_000

_BULLETS = "•‣▪●"
_HOLDS_BULLETS = re.compile(
    rf"(?m)(?:^|: *)[{_BULLETS}] .* [{_BULLETS}] |[:.!?][)\"”’]? [-*–] .* [-*–] "
)
_SIGNS = (*(f"{bullet} " for bullet in _BULLETS), " - ", " * ", " – ")
_BULLET_LEFT = re.compile(rf"\S [{_BULLETS}] \S")
_BULLETED = re.compile(
    rf"(?P<lead>.*?\w:|) *(?P<mark>[{_BULLETS}]|[-*–]) +(?=\S)"
    r"|(?P<said>.*?\w[.!?][)\"”’]?) +(?P<dash>[-*–]) +(?=\S)"
)
_PLAIN_ENTRY = re.compile(r"(?:[A-ZÀ-Þ][a-zß-ÿ'’]|[AI] )(?:(?! [-–—*×÷/+] )[^=|`_\\*])*")
_ASIDE = re.compile(
    r"(?:which|who|whom|whose|that|and|but|or|nor|because|though|although|while|whereas|not|even"
    r"|especially|including|as|like|such|at least|of course)\b"
)
"""What a dash as a mark of the sentence stands before, and no entry begins with."""
_I, _YOU = re.compile(r"\bI\b"), re.compile(r"(?i)\byou\b")
_CLOSING = re.compile(rf"(?i)(?:{any_of('closing', 'words')})\b")


@dataclass(frozen=True, slots=True)
class Found:
    """A list in a paragraph with what stands before and behind it."""

    entries: tuple[str, ...]
    lead: str = ""
    rest: str = ""
    ordered: bool = True

    @property
    def shown(self) -> str:
        marks = (f"{n}. " if self.ordered else "- " for n in range(1, len(self.entries) + 1))
        listed = "\n".join(map("".join, zip(marks, self.entries, strict=True)))
        return "\n\n".join(part for part in (self.lead, listed, self.rest) if part)


def last_entry(parts: Sequence[str]) -> tuple[str, str] | None:
    """The last entry and what follows it; None where it cannot be told where the entry ends."""
    sizes = [len(sentences(part)) for part in parts[:-1]]
    last = sentences(parts[-1])
    if len(last) > 1 and max(sizes) == 1:
        return last[0], " ".join(last[1:])
    if len(last) > max(sizes) or (len(last) > 1 and _CLOSING.match(last[-1])):
        return None
    return parts[-1], ""


def by_bullets(response: str) -> str:
    """Each line that holds a whole list, `Tips: - Rest - Sleep - Drink`: all of them or none."""
    if not (any(map(response.__contains__, _SIGNS)) and _HOLDS_BULLETS.search(response)):
        return response
    lines = split_lines(response)
    new = [_bulleted_line(lines, place) for place in range(len(lines))]
    left = any(map(_BULLET_LEFT.search, "\n".join(new).split("\n")))
    return response if left or new == lines else "\n".join(new)


def _bulleted_line(lines: Sequence[str], place: int) -> str:
    around = (*lines[max(0, place - 1) : place], *lines[place + 1 : place + 2])
    if any(map(str.strip, around)) or len(lines[place]) > MOST_SIGNS_A_LIST:
        return lines[place]
    found = _bulleted(lines[place].strip())
    return found.shown if found else lines[place]


def _bulleted(text: str) -> Found | None:
    """Entries with a bullet before each, behind a colon; a hyphen must not be a minus or a dash.

    An even number of hyphens may part pairs: `Cooks: - Ann - soup - Bo - bread`.
    """
    opened = _BULLETED.match(text)
    if not opened or not (opened["lead"] or opened["said"] or opened["mark"] in _BULLETS):
        return None
    lead, mark = opened["lead"] or opened["said"] or "", opened["mark"] or opened["dash"]
    parts = [part.strip() for part in text[opened.end() :].split(f" {mark} ")]
    if len(parts) < LEAST_ENTRIES or not all(parts) or f" {mark} " in lead:
        return None
    last = last_entry(parts)
    if last is None or any(part.endswith(":") for part in parts):
        return None
    closed = any(part.endswith(".") for part in parts[:-1])
    entries = [*parts[:-1], last[0] if closed else without_stop(last[0])]
    if any(len(entry.split()) > MOST_WORDS_A_CLAUSE for entry in entries):
        return None
    if mark not in _BULLETS:
        entries = _dashed(entries, behind_a_sentence=bool(opened["said"]))
    return Found(tuple(entries), lead, last[1], ordered=False) if entries else None


def _are_turns(entries: Sequence[str]) -> bool:
    """Whether dashes begin the turns of speakers: they ask, or say I and you."""
    asks = any(entry.rstrip('"”’)').endswith("?") for entry in entries)
    return asks or all(any(map(word.search, entries)) for word in (_I, _YOU))


def _dashed(entries: list[str], *, behind_a_sentence: bool) -> list[str]:
    """The entries if their hyphens are no minus, no dash and part no pairs; the first capital is
    that of all."""
    said = all(entry.endswith((".", "!", "?")) for entry in entries)
    words = [len(entry.split()) for entry in entries]
    told = min(words) >= LEAST_WORDS_A_DASHED
    if (
        _are_turns(entries)
        or any(map(_ASIDE.match, entries))
        or not (told or said or len(entries) % 2)
    ):
        return []
    if behind_a_sentence and not (told and entries[0][0].isupper()):
        return []
    alike = [with_capital(e) for e in entries] if told and entries[0][0].isupper() else entries
    symbols = any(is_symbol(e) for e in entries if e[0].islower())
    return alike if not symbols and all(map(_PLAIN_ENTRY.fullmatch, alike)) else []
