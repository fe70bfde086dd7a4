"""When to leave a response alone: the request sets a form of its own, or the response shows one.

The wordings are in text/rules/demands.toml, each with requests in which only it finds something.
"""

from __future__ import annotations

import re
from functools import cache

from realign_local.text.rules import rules
from realign_local.text.wordings import Wording, WordingTable, pattern_wording, read_wording

HEAD_CHARS, TAIL_CHARS = 800, 400
"""Demands stand at the head or the tail of a request; what lies between is attached text."""


def form_demand(instruction: str, *, for_code: bool = False) -> str:
    """The kind of form that the request itself asks for, or "" where it leaves the form open.

    A request for code (`for_code`) tells what the code has to do with data: lists, words, capital
    letters and sizes in it are no demands on the answer.
    """
    text = looked_at(instruction, for_code=for_code)
    name = "code" if for_code else "demand"
    found = _table(name).first(text)
    return "" if found is None else demand_wordings(name)[found][0]


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
    text = text.lower().replace("’", "'")
    return text if for_code or "?" not in text else _plain_question().sub("?", text)


@cache
def demand_wordings(table: str) -> tuple[tuple[str, Wording], ...]:
    """Every entry of the table "demand" or "code", in its order, with its kind."""
    found, words = rules("demands")[table], rules("demands")["words"]
    return tuple(
        (
            kind,
            read_wording(entry["says"], words, unless=entry.get("unless", ""))
            if "says" in entry
            else pattern_wording(entry["pattern"], entry.get("signs", ("",))),
        )
        for kind, entries in found.items()
        for entry in entries
    )


@cache
def _table(name: str) -> WordingTable:
    return WordingTable([wording for _, wording in demand_wordings(name)])


@cache
def _plain_question() -> re.Pattern[str]:
    """A plain question: its words are what is asked about, not how to answer."""
    openers = "|".join(rules("demands")["words"]["asking"].split())
    return re.compile(rf"(?:^|(?<=[.!?\n] )|(?<=\n))(?:{openers})\b[^.?!\n:,;]*\?")


@cache
def _shown() -> dict[str, re.Pattern[str]]:
    return {entry["kind"]: re.compile(entry["pattern"]) for entry in rules("demands")["shown"]}
