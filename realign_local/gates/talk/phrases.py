"""The phrases of chat programs in the languages that are known, read from chat_phrases.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from realign_local.text.rules import rules
from realign_local.text.segments import vocabulary

ENGLISH = "en"


@cache
def phrases() -> dict[str, Any]:
    """The entries of the data file, by their kind."""
    return rules("chat_phrases")


def plain(text: str) -> str:
    """In lower case with straight apostrophes, sign for sign as long as before."""
    text = text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)


def _either(entries: list[str]) -> str:
    return "|".join(f"(?:{entry})" for entry in entries)


@dataclass(frozen=True, slots=True)
class Patterns:
    """For text as `plain` gives it. `assent` by language; `outside` are closings, too."""

    assent: Mapping[str, re.Pattern[str]]
    opening: re.Pattern[str]
    announcements: tuple[tuple[re.Pattern[str], frozenset[str]], ...]
    closing: re.Pattern[str]
    outside: re.Pattern[str]
    closing_signs: tuple[str, ...]
    disclaimer: re.Pattern[str]
    beginnings: re.Pattern[str]


_HERE = r"(?:i|here|let|hier|voici|aquí|aqui|ecco)\b"
_CLOSING_SIGNS = (
    "help", "clarif", "let me know", "question", "hesitate", "feel free", "else", "happy",
)  # fmt: skip
"""One of these is in every closing phrase that is a pattern."""
_OUTSIDE_SIGNS = ("you can", "luck", "erfolg", "chance", "suerte", "sorte", "fortuna", "succes")


@cache
def patterns() -> Patterns:
    """All phrases as patterns."""
    data = phrases()
    opening = [e["phrase"] for e in data["opening"]]
    by_language: dict[str, list[str]] = {}
    for entry in data["opening"]:
        if entry.get("assent"):
            by_language.setdefault(entry.get("language", ENGLISH), []).append(entry["phrase"])
    closing = [e["phrase"] for e in data["closing"] if not e.get("outside")]
    closing += map(sentence_of, data["farewell"])
    outside = [e["phrase"] for e in data["closing"] if e.get("outside")]
    needs = (need for entry in data["farewell"] for need in entry["needs"])
    plainly = [e["phrase"] for e in data["opening"] if not e.get("assent")]
    return Patterns(
        {
            language: re.compile(rf"(?:{_either(found)})(?: ?[!.]|,(?= {_HERE}))\s+")
            for language, found in by_language.items()
        },
        re.compile(rf"(?:{_either(plainly)}) ?[!.:]\s+"),
        tuple(
            (
                re.compile(rf"(?:{e['phrase']}) ?([^.!?:\n]{{3,120}}?) ?:(?P<gap>\s+)"),
                vocabulary(e["idle"]),
            )
            for e in data["announcement"]
        ),
        re.compile(_either(closing)),
        re.compile(_either(closing + outside)),
        (*_CLOSING_SIGNS, *_OUTSIDE_SIGNS, *dict.fromkeys(needs)),
        re.compile(_either([e["phrase"] for e in data["disclaimer"]])),
        re.compile(
            rf"as an|{_either(opening)}|{_either([e['phrase'] for e in data['announcement']])}"
        ),
    )


def sentence_of(entry: Mapping[str, Any]) -> str:
    """The pattern of a farewell: of these words alone, with one of those that it needs."""
    needs, words = (
        "|".join(map(re.escape, found)) for found in (entry["needs"], entry["words"].split())
    )
    return rf"(?=.*(?:{needs}))(?:{entry['starts']})(?:,? (?:{words})(?![\w'-]))*"


# --- texts that speak to somebody ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Texts:
    """`asked`: words of a request for a text that speaks. `kinds`: what a text is called;
    `addressed`: the kinds of those that speak. `head`, `foot`: lines of a letter. `courtesy`:
    thanks before or behind a request.
    """

    asked: re.Pattern[str]
    addressed: re.Pattern[str]
    kinds: re.Pattern[str]
    head: re.Pattern[str]
    foot: re.Pattern[str]
    courtesy: re.Pattern[str]


@cache
def texts() -> Texts:
    """The tables of texts and of their lines."""
    kinds, lines = phrases()["texts"], phrases()["lines"]

    def word(entries: list[str]) -> re.Pattern[str]:
        return re.compile(rf"(?i)\b(?:{_either(entries)})(?!\w)")

    return Texts(
        word(kinds["addressed"] + kinds["calls"]),
        word(kinds["addressed"]),
        word(kinds["addressed"] + kinds["others"]),
        re.compile(rf"(?im)^(?:{_either(lines['heads'])})\b[^\n]{{0,60}}$"),
        re.compile(rf"(?im)^(?:{_either(lines['feet'])})\b[^.:\n]{{0,40}}$"),
        re.compile(
            rf"(?i)\A(?:(?:{_either(kinds['thanks'])})(?:[,.!;:]+| [–-])\s*)+(?=\S+\s+\S+\s+\S)"
            rf"|(?<=[.?!,;\n])\s*(?:(?:{_either(kinds['thanks'])})[.!]*\s*)+\Z"
        ),
    )


# --- questions that a word of assent may answer --------------------------------------------------


@cache
def _patterns_of(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    found = phrases()["languages"][language]
    return (
        re.compile(rf"(?i)(?<![\w'-])(?:{found['asks']}|{found['begs']})(?![\w'])"),
        re.compile(rf"(?i)\W*(?:{found['states']})(?!\w)"),
    )


def asks_to_be_told(request: str, language: str) -> bool:
    """Whether a request in one of the languages asks for more than a yes: `Klar!` is no answer."""
    asks, states = _patterns_of(language)
    questions = re.findall(r"[^.!?\n]*\?", request)
    if questions:
        return all(asks.search(question) for question in questions)
    return not states.match(request)
