"""When to leave a response alone: the request sets a form of its own, or the response shows one.

The wordings are in text/rules/demands.toml, each with requests in which only it finds something.
"""

from __future__ import annotations

import re
from functools import cache

from realign_local.text.rules import rules
from realign_local.text.wordings import pattern

HEAD_CHARS, TAIL_CHARS = 800, 400
"""Demands stand at the head or the tail of a request; what lies between is attached text."""


def form_demand(instruction: str, *, for_code: bool = False) -> str:
    """The kind of form that the request itself asks for, or "" where it leaves the form open.

    A request for code (`for_code`) tells what the code has to do with data: lists, words, capital
    letters and sizes in it are no demands on the answer.
    """
    text = looked_at(instruction, for_code=for_code)
    kinds = _kinds("code" if for_code else "demand")
    return next((kind for kind, wordings in kinds.items() if wordings.search(text)), "")


def form_shown(response: str) -> str:
    """The form that a response wears and hardly any does without being asked, else "".

    The request may have asked for it in words that `form_demand` does not know.
    """
    return next((kind for kind, shown in _shown().items() if shown.match(response)), "")


def looked_at(instruction: str, *, for_code: bool) -> str:
    """What of a request may demand a form, in small letters."""
    text = instruction
    if len(text) > HEAD_CHARS + TAIL_CHARS:
        text = f"{text[:HEAD_CHARS]}\n{text[-TAIL_CHARS:]}"
    text = text.lower()
    return text if for_code else _plain_question().sub("?", text)


def entry_pattern(entry: dict[str, str]) -> str:
    """What finds one entry of the table in a request."""
    if "pattern" in entry:
        return entry["pattern"]
    words = rules("demands")["words"]
    unless = f"(?![\\s-]*{pattern(entry['unless'], words)})" if "unless" in entry else ""
    return pattern(entry["says"], words) + unless


@cache
def _kinds(table: str) -> dict[str, re.Pattern[str]]:
    kinds = rules("demands")[table]
    return {kind: re.compile(_any_of(entries)) for kind, entries in kinds.items()}


def _any_of(entries: list[dict[str, str]]) -> str:
    english: list[str] = []
    others: list[str] = []
    for entry in entries:
        found = entry_pattern(entry)
        (english if "says" in entry and found.isascii() else others).append(found)
    # One boundary before all English words rules out most places of a text at once.
    return "|".join([rf"\b(?:{'|'.join(english)})"] * bool(english) + others)


@cache
def _plain_question() -> re.Pattern[str]:
    """A plain question: its words are what is asked about, not how to answer."""
    openers = "|".join(rules("demands")["words"]["asking"].split())
    return re.compile(rf"(?:^|(?<=[.!?\n] )|(?<=\n))(?:{openers})\b[^.?!\n:,;]*\?")


@cache
def _shown() -> dict[str, re.Pattern[str]]:
    return {entry["kind"]: re.compile(entry["pattern"]) for entry in rules("demands")["shown"]}
