"""Which programming language a piece of code is in, by the lines that are that language's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from realign_local.text.code.code_blocks import squeezed
from realign_local.text.code.code_lines import MAX_LINE_CHARS, has_signal
from realign_local.text.code.code_parse import parses
from realign_local.text.code.unified_diff import is_diff
from realign_local.text.rules import rules
from realign_local.text.wordings import heads_of, may_hold

MAX_CHARS = 20_000
"""Longer code is not given to a grammar, and what no grammar has read gets no fence."""
MAX_REQUEST_CHARS = 4_000
MOST_COMMON = 5
"""A language is told by one marked line in so many."""
MOST_BY_ONE = 4
"""Lines that a single marked one tells the language of."""
_HEAD = re.compile(r"^[^\n]*\w\(.*\).*[:{]\s*$", re.MULTILINE)
_SAYS_MORE = re.compile(r"[A-Za-z_]\w*\(.*\)|[A-Za-z_][\w.]* ?[-+*/]?= ?[^\d\s=-]")
"""A call, or an assignment of more than a number: an answer looks like neither."""


@dataclass(frozen=True, slots=True)
class Language:
    """One entry of code_labels.toml; `marks` finds the lines that are this language's own."""

    label: str
    grammar: str
    marks: re.Pattern[str]
    line: re.Pattern[str] | None
    text: bool
    asked: bool
    over: tuple[str, ...]

    def score(self, code: str) -> int:
        """How many lines are marked; 0 where a line cannot be this language."""
        found = sum(1 for _ in self.marks.finditer(code))
        if found and self.line:
            lines = (line.strip() for line in code.split("\n"))
            if any(line and line[0] not in "#;/" and not self.line.match(line) for line in lines):
                return 0
        return found


class Labels(NamedTuple):
    """All of code_labels.toml: languages by label, labels by the names that requests use.

    `named` finds those of more than two letters, `marks` a line that is a language's own,
    whether it is asked for or not.
    """

    languages: dict[str, Language]
    names: dict[str, list[str]]
    named: re.Pattern[str]
    marks: re.Pattern[str]


@cache
def tables() -> Labels:
    entries = rules("code_labels")
    languages: dict[str, Language] = {}
    names: dict[str, list[str]] = {}
    for key, entry in entries.items():
        label = entry.get("label", key)
        languages[label] = Language(
            label,
            entry.get("grammar", ""),
            re.compile(rf"^[ \t]*(?:{'|'.join(entry['marks'])})", re.MULTILINE),
            re.compile(rf"(?:{entry['line']})") if "line" in entry else None,
            text=entry.get("text", False),
            asked=entry.get("asked", False),
            over=tuple(entry.get("over", ())),
        )
        for name in entry["names"]:
            names.setdefault(name, []).append(label)
    told = [name for name in names if len(name) > 2 or not name.isalpha()]
    longest_first = sorted(map(re.escape, told), key=len, reverse=True)
    named = re.compile(rf"(?i)(?<![\w.#+-])(?:{'|'.join(longest_first)})(?![\w#+])")
    own = (entry["marks"] for entry in entries.values() if not entry.get("asked"))
    marks = "|".join(mark for some in own for mark in some)
    return Labels(languages, names, named, re.compile(rf"^[ \t]*(?:{marks})", re.MULTILINE))


@cache
def _heads_of_names() -> frozenset[str]:
    return heads_of(name.lstrip(".") for name in tables().names)


_SHORT_NAME = re.compile(
    r"(?:\b(?:[Ii]n|into|to|using|with|an?)\s+(?P<a>C|R|Go|JS|TS)\b(?!\s+(?:the|to|for|a)\b))"
    r"|\b(?P<b>C|R|Go|JS|TS)\s+(?:program|code|function|script|language|snippet|struct)"
)


@lru_cache(maxsize=64)
def asked_languages(request: str) -> tuple[str, ...]:
    """The labels of the languages that a request names or shows code of."""
    request = request[:MAX_REQUEST_CHARS]
    languages, names, named, marks = tables()
    is_named = may_hold(request, _heads_of_names())
    spelled = [name.lower() for name in named.findall(request)] if is_named else []
    spelled += [(m["a"] or m["b"]).lower() for m in _SHORT_NAME.finditer(request)]
    labels = [label for name in spelled for label in names.get(name, ())]
    if not labels and has_signal(request) and marks.search(request):
        shown = (told for told in languages.values() if not told.asked and told.score(request))
        labels = [language.label for language in shown if language.grammar]
    return tuple(dict.fromkeys(labels))


@lru_cache(maxsize=64)
def _scores(code: str, named: tuple[str, ...]) -> dict[str, int]:
    languages = tables().languages.values()
    is_marked = tables().marks.search(code) is not None
    able = [known for known in languages if (known.label in named if known.asked else is_marked)]
    able = [known for known in able if not known.text or _is_markup(code, known.label)]
    scores = {known.label: score for known in able if (score := known.score(code))}
    for known in able:
        if known.label in scores:
            for other in set(known.over).difference(named):
                scores.pop(other, None)
    return scores


@lru_cache(maxsize=64)
def language_of(code: str, request: str) -> str:
    """The label of a piece of code, or "" where it is not sure."""
    if is_too_long(code):
        return ""
    named = asked_languages(request)
    lines = sum(1 for line in code.split("\n") if line.strip())
    if len(named) == 1 and tables().languages[named[0]].score(code) * 3 >= lines:
        return named[0]
    scores = _scores(code, named)
    best = max(scores.values(), default=0)
    if (begun := begun_in(code, request)) and (not scores or is_read(code, begun)):
        return begun
    shares = {label: scores.get(label, 0) for label in named}
    wanted = [label for label in named if shares[label] * (4 if len(named) == 1 else 2) > best]
    if wanted:
        return max(wanted, key=lambda label: shares[label])
    if len(named) == 1 and _SAYS_MORE.search(code) and is_read(code, named[0]):
        return named[0]
    leading = [label for label, score in scores.items() if score == best]
    if len(leading) > 1:
        leading = [label for label in leading if is_read(code, label)]
    if len(leading) != 1 or best * MOST_COMMON < lines or (best == 1 and lines > MOST_BY_ONE):
        return ""
    told = tables().languages[leading[0]]
    if len(named) == 1 and told.label in tables().languages[named[0]].over:
        return named[0]
    if len(named) != 1 or is_read(code, told.label) or (best > 1 and not told.grammar):
        return told.label
    return ""


def begun_in(code: str, request: str) -> str:
    """The language of the code that a request shows, where an indented body goes on with it."""
    if not code.strip("\r\n")[:1].isspace():
        return ""
    heads = "\n".join(found[0] for found in _HEAD.finditer(request[:MAX_REQUEST_CHARS]))
    shown = _scores(heads, ())
    return max(shown, key=lambda label: shown[label], default="")


def is_read(code: str, label: str) -> bool:
    """Whether the grammar of the label, if there is one, reads all of the code."""
    grammar = tables().languages[label].grammar if label else ""
    return bool(grammar) and parses(squeezed(code), grammar)


def is_too_long(code: str) -> bool:
    return len(code) > MAX_CHARS or max(map(len, code.split("\n"))) > MAX_LINE_CHARS


def _is_markup(code: str, language: str) -> bool:
    """Markup holds sentences, so its two ends must show what it is."""
    text = code.strip()
    if language in ("html", "xml"):
        return text.startswith("<") and text.endswith(">")
    if language == "latex":
        return text.startswith(("\\", "%")) and not text.endswith(".")
    return language == "diff" and is_diff(text)
