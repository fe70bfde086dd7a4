r"""Formulas of the original, put as the rewrite writes them: `πr²`, `$\pi r^2$` and `pi*r^2`.

Every formula of the rewrite is looked for in the original, sign by sign, and taken where both are
read as the same tree. LaTeX of the original is read on one line first, if the rewrite has another.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby
from operator import itemgetter

from realign_local.text.formulas.formula_signs import (
    CLOSED,
    FUNCTIONS,
    GREEK,
    OPEN,
    Sign,
    is_shown,
    signs,
)
from realign_local.text.formulas.formula_tree import readings
from realign_local.text.math_forms import is_formula, plain_math

_SET = re.compile(
    r"(?<!\\)\$\$(?P<shown>[^$]{1,800}?)\$\$|\\\[(?P<framed>.{1,800}?)\\\]"
    r"|(?<![\\$])\$(?P<inline>[^\s$][^$\n]{0,300}?)(?<!\\)\$(?!\d)|\\\((?P<round>.{1,300}?)\\\)",
    re.DOTALL,
)
_CODE = re.compile(r"^[ \t]*```.*?(?:^[ \t]*```|\Z)|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_POINT = re.compile(r"[.,;:]\s*$")
_LINE = re.compile(r"^[ \t]*(?:(?:[-*+•>]|#{1,6}|\d{1,3}[.)])[ \t]+)*([^\n]+)", re.MULTILINE)
"""A line without the markers before it."""
_CHUNK = re.compile(r"[^\s\0]+")
_EDGES = "*_~.,;:!?\"'"
_OPERATOR = re.compile(r"(?:<=>|-->|<->|[<>=!~]=|->|=>|[-+*/·⋅×÷−–±∓=<>≤≥≠≈≡→←⇒⇌↔∈])$")
_SIGNS = re.compile(r"[-+−–±∓*/·⋅×÷√∛∞=<>≤≥≠≈≡→←⇒⇌↔∈^_²³¹⁰⁴-⁹⁺⁻ⁿ₀-₉ₙ½¼¾⅓⅔!'°%()\[\]{}|,.$€£\w]+$")
_LETTERS = re.compile(r"[^\W\d_²³¹⁰⁴-⁹⁺⁻ⁿ₀-₉ₙ½¼¾⅓⅔]+")
_BOUND = re.compile(r"[-+−±*/·⋅×÷√=<>≤≥≠≈→^_²³¹⁰⁴-⁹⁺⁻ⁿ₀-₉ₙ½¼¾⅓⅔\d(]")
_ELEMENTS = re.compile(r"(?:[A-Z][a-z]?){1,6}$")
_TELLS = re.compile(
    r"[-+*/·⋅×÷√−±=<>≤≥≠≈→←⇒^_²³⁰¹⁴-⁹ⁿ₀-₉½¼¾⅓⅔]|\d ?x ?\d|[A-Z]\d"
    r"|sqrt|(?:sin|cos|tan|log|ln|exp)\(|(?:m|/s)[23]\b"
)
_MAY_TELL = re.compile(
    r"[+*·⋅×÷√−±=<>≤≥≠≈→←⇒^_²³⁰¹⁴-⁹ⁿ₀-₉½¼¾⅓⅔]|\ [-–/]\ |\d[-–/]|/\w[^\W\d_]?\b|[A-Z]\d"
    r"|sqrt|(?:sin|cos|tan|log|ln|exp)\(|m[23]\b"
)
"""A quick no for most lines of prose."""
_KNOWN = frozenset([*FUNCTIONS, *GREEK, "sqrt"])
MOST_TRIED = 40
"""Places that have the signs of a formula; each is read whole."""
MOST_LETTERS = 3
"""Of factors that are written side by side, `mgh`; or of a unit."""
_GOES_ON = re.compile(
    r"\ ?[-+−±/·×÷^]\ ?[-\w({√\\]|\ (?![aAI]\b)[^\W\d_]\b|\ \*\ [\w(]|\*[\w(√]|_\w"
    r"|[²³¹⁰⁴-⁹⁺⁻ⁿ₀-₉ₙ!]|(?<=\w)\w"
)
_WENT_ON = re.compile(r"[\w)²³](?:\ [-+−±/·×÷*]\ |[-+−±/·×÷*^_]|\^\()$")
"""What shows that a stretch is only a part of a longer formula."""
_AT_RELATION = re.compile(r"(?=(?<![<>=!~-])(?:[<>=!~]=|->|=>|[=<>≤≥≠≈≡→⇒⇔]))")
_ROW = re.compile(
    r"\\\\(?:\[[^\]]{1,9}\])?(?!\s*&?\s*(?:[=<>&]|\\(?:end|leq?|geq?|neq?|approx|to|[lL]?ongr?|[rR]ightarrow)\b))"
    r"(?=[^\\]*[=<>\\])(?!\s*$)"
)
"""Between two equations; a row that begins with a relation goes on with the one before it."""
_BETWEEN = re.compile(r"[,;]\s+(?![^()]*\))")
MOST_SIDES = 10
LEAST_SIGNS = 2
MOST = 60
MAX_SIGNS = 20_000


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in a text: its place, its source without delimiters, whether it is on display."""

    start: int
    end: int
    source: str
    is_set: bool
    is_shown: bool = False


def formulas_as_there(original: str, rewritten: str) -> str:
    """The original with each formula of the rewrite, spelt as there, that it has as well.

    One that stands on a line of its own there does so here.
    """
    theirs = [f for f in _formulas(rewritten) if rewritten[f.start : f.end] not in original][:MOST]
    too_long = max(len(original), len(rewritten)) > MAX_SIGNS
    if not theirs or too_long or "<<" in original:
        return original
    flat, lines = _on_one_line(original, rewritten)
    hidden = _CODE.sub(_blank, flat) if "`" in flat else flat
    places = _Places(_SET.sub(_blank, hidden))
    found: list[tuple[int, int, str, Formula]] = []
    for formula in theirs:
        line = "\n" if formula.is_shown else ""
        if place := places.find(_on_a_line(formula)):
            written = rewritten[formula.start : formula.end]
            found.append((*place, f"{line}{written}{line}", formula))
        else:
            found += [(*part, formula) for part in _in_parts(formula, places)]
    changes = [(start, end, now) for start, end, now, _ in found]
    for region in lines:
        start, end, _ = region
        inside = sorted((f for f in found if f[0] < end and start < f[1]), key=itemgetter(0))
        joined = _joined_up(flat, region, rewritten, inside[0][3], inside[-1][3]) if inside else ()
        changes += joined if inside else [region]
    for start, end, spelling in sorted(changes, reverse=True):
        flat = flat[:start] + spelling + flat[end:]
    return flat


def _joined_up(
    flat: str, line: tuple[int, int, str], rewritten: str, first: Formula, last: Formula
) -> Iterator[tuple[int, int, str]]:
    """The ends of a line goes, of what was on display and stands within a sentence there."""
    before = rewritten[: first.start].rpartition("\n")[2].strip(" *-")
    behind = rewritten[last.end :].partition("\n")[0].strip(" *.,;:")
    if flat[line[0]] == "\n" and before and not first.is_shown:
        start = len(flat[: line[0]].rstrip())
        yield start, line[0] + 1, " "
    if flat[line[1] - 1] == "\n" and behind and not last.is_shown:
        end = len(flat) - len(flat[line[1] :].lstrip())
        yield line[1] - 1, end, " "


def _blank(m: re.Match[str]) -> str:
    return "\0" * len(m[0])


def _in_parts(formula: Formula, places: _Places) -> Iterator[tuple[int, int, str]]:
    """Of several equations, or a chain of which only some sides are there: what is there."""
    shown = plain_math(_ROW.sub(", ", formula.source)) if formula.is_set else formula.source
    pieces, lines = (_BETWEEN.split(text) for text in (shown, _on_a_line(formula)))
    for piece, line in zip(pieces, lines, strict=False) if len(pieces) == len(lines) else ():
        found = places.find(line) if len(pieces) > 1 else None
        if found:
            yield *found, " ".join(piece.split())
            continue
        yield from _sides_there(piece, line, places)


def _sides_there(piece: str, line: str, places: _Places) -> Iterator[tuple[int, int, str]]:
    """The longest stretches of a chain that are there."""
    sides, parts = (_AT_RELATION.split(text) for text in (piece, line))
    start = 0
    while len(sides) == len(parts) <= MOST_SIDES and start < len(parts) - 1:
        for end in range(len(parts), start + 1, -1):
            found = places.find("".join(parts[start:end]).strip())
            if found:
                yield *found, " ".join("".join(sides[start:end]).split())
                break
        start = end if found else start + 1


def set_on_one_line(text: str) -> Iterator[tuple[int, int, str]]:
    """The place of each formula that LaTeX sets, and what it is on one line."""
    for formula in _formulas(text) if "$" in text or "\\" in text else ():
        if formula.is_set:
            yield formula.start, formula.end, plain_math(formula.source)


@lru_cache(maxsize=16)
def formulas_in(text: str) -> tuple[str, ...]:
    """Each formula of a text on one line, without its delimiters."""
    lines = map(_on_a_line, _formulas(text))
    return tuple(piece for line in lines for piece in _BETWEEN.split(line) if piece)


def _on_a_line(formula: Formula) -> str:
    return " ".join((_flat(formula.source) if formula.is_set else formula.source).split())


@lru_cache(maxsize=16)
def _formulas(text: str) -> tuple[Formula, ...]:
    return tuple(_find_formulas(text))


def _find_formulas(text: str) -> Iterator[Formula]:
    """Those that LaTeX sets, and stretches of signs between words."""
    covered = _CODE.sub(_blank, text)
    for m in _SET.finditer(covered):
        kind = str(m.lastgroup)
        if kind == "inline" and not is_formula(m[kind]):
            continue
        source = _POINT.sub("", m[kind].strip())
        yield Formula(m.start(), m.end(), source, True, kind in ("shown", "framed"))
        covered = covered[: m.start()] + "\0" * len(m[0]) + covered[m.end() :]
    if "\\" not in covered:
        yield from _plain_formulas(covered)


def _plain_formulas(text: str) -> Iterator[Formula]:
    for line in _LINE.finditer(text):
        if not _MAY_TELL.search(line[1]):
            continue
        chunks = [*_CHUNK.finditer(text, line.start(1), line.end())]
        kinds = [_kind(m[0]) for m in chunks]
        for is_part, run in groupby(range(len(chunks)), key=lambda at: _is_part(kinds, chunks, at)):
            places = [*run]
            start, end = chunks[places[0]].start(), chunks[places[-1]].end()
            start += len(text[start:end]) - len(text[start:end].lstrip("*_~\"'"))
            end -= len(text[start:end]) - len(text[start:end].rstrip(_EDGES))
            if is_part and start < end and _TELLS.search(text, start, end):
                yield Formula(start, end, text[start:end], False)


def _kind(chunk: str) -> str:
    """An `operator`, a part of a `formula`, what `may` be one beside an operator, or a `word`."""
    if _OPERATOR.match(chunk):
        return "operator"
    if chunk in ("...", "…"):
        return "may"
    chunk = chunk.strip(_EDGES)
    if not chunk or not _SIGNS.match(chunk):
        return "word"
    runs = [run for run in _LETTERS.findall(chunk) if run.lower() not in _KNOWN]
    if chunk in ("a", "I", "A"):
        return "may"
    if all(len(run) == 1 for run in runs):
        return "formula"
    if not all(len(run) <= MOST_LETTERS or _ELEMENTS.match(run) for run in runs):
        return "word"
    return "formula" if _BOUND.search(chunk) else "may"


def _is_part(kinds: list[str], chunks: list[re.Match[str]], at: int) -> bool:
    if kinds[at] != "may":
        return kinds[at] != "word"
    before = kinds[at - 1] if at and chunks[at - 1][0][-1] not in ".:;" else ""
    behind = kinds[at + 1] if at + 1 < len(kinds) else ""
    if (
        before == "formula"
        and chunks[at - 1][0].isdigit()
        and _ELEMENTS.match(chunks[at][0].strip(_EDGES))
    ):
        return not chunks[at][0].islower()
    return "operator" in (before, behind) or (
        len(chunks[at][0]) == 1 and before == behind == "formula"
    )


def _on_one_line(original: str, rewritten: str) -> tuple[str, list[tuple[int, int, str]]]:
    """The original without the LaTeX that the rewrite does not have as it stands.

    With the places of what has come for it, and what stood there.
    """
    flat, end, lines = "", 0, []
    for formula in sorted(_formulas(original), key=lambda f: f.start):
        source = original[formula.start : formula.end]
        if not formula.is_set or source in rewritten:
            continue
        line = "\n" if formula.is_shown else ""
        flat += original[end : formula.start]
        start, flat = len(flat), f"{flat}{line}{_flat(formula.source)}{line}"
        lines.append((start, len(flat), source))
        end = formula.end
    return flat + original[end:], lines


def _flat(source: str) -> str:
    return " ".join(plain_math(_ROW.sub(", ", source), bracketed=True).split())


class _Places:
    """The signs of a text, and which of them no formula has taken yet."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.all = signs(text)
        self.shown = [at for at, sign in enumerate(self.all) if is_shown(sign)]
        self.texts = [self.all[at].text for at in self.shown]
        self.joined = "\x1f".join(["", *self.texts, ""])
        self.starts = [0, *accumulate(len(text) + 1 for text in self.texts)]

    def find(self, flat: str) -> tuple[int, int] | None:
        """Where the text has the formula, be it spelt otherwise; that place is taken then."""
        wanted = [sign.text for sign in signs(flat) if is_shown(sign)]
        if len(wanted) < LEAST_SIGNS:
            return None
        meant = readings(flat)
        key = "\x1f".join(["", *wanted, ""])
        at, tried = self.joined.find(key), 0
        while at >= 0 and tried < MOST_TRIED:
            first = bisect_right(self.starts, at) - 1
            ends = self.shown[first], self.shown[first + len(wanted) - 1]
            place = self._stretch(*ends, in_brackets=flat[0] in OPEN and flat[-1] in CLOSED)
            if place and meant & readings(" ".join(self.text[place[0] : place[1]].split())):
                self._take(at, key)
                return place
            at, tried = self.joined.find(key, at + 1), tried + 1
        return None

    def _take(self, at: int, key: str) -> None:
        """What is taken is found no more: the signs between its separators are others."""
        gone = re.sub(r"[^\x1f]", "\0", key)
        self.joined = self.joined[:at] + gone + self.joined[at + len(key) :]

    def _stretch(self, first: int, last: int, *, in_brackets: bool) -> tuple[int, int] | None:
        """From one sign to another, with the brackets around them that close in between."""
        first, last = _balanced(self.all, first, last)
        around = [sign.text for sign in (*self.all[first - 1 : first], *self.all[last + 1 :][:1])]
        if in_brackets and around in (["(", ")"], ["{", "}"], ["[", "]"]):
            first, last = first - 1, last + 1
        if last < 0 or self._is_cut(first, last):
            return None
        return self.all[first].start, self.all[last].end

    def _is_cut(self, first: int, last: int) -> bool:
        """Whether the ends are within a word, or within a sign of three: `½`."""
        start, end = self.all[first].start, self.all[last].end
        before, behind = self.text[max(0, start - 2) : start], self.text[end : end + 2]
        if first and self.all[first - 1].end > start:
            return True
        if last + 1 < len(self.all) and self.all[last + 1].start < end:
            return True
        if _GOES_ON.match(self.text, end) or _WENT_ON.search(self.text[max(0, start - 6) : start]):
            return True
        word = before[-1:].isalpha() and self.text[start].isalpha() and before[:1].isalpha()
        return word or (behind.isalpha() and len(behind) == 2 and self.text[end - 1].isalpha())


def _balanced(found: tuple[Sign, ...], first: int, last: int) -> tuple[int, int]:
    """The stretch with each bracket of it closed; -1 where that is not so."""
    while last + 1 < len(found) and found[last + 1].start < found[last].end:
        last += 1
    while first and found[first - 1].end > found[first].start:
        first -= 1
    depth = lowest = 0
    for sign in found[first : last + 1]:
        depth += (sign.text in OPEN) - (sign.text in CLOSED)
        lowest = min(lowest, depth)
    missing = depth - lowest
    while lowest < 0 and first and found[first - 1].text in OPEN:
        first, lowest = first - 1, lowest + 1
    while missing > 0 and last + 1 < len(found) and found[last + 1].text in CLOSED:
        last, missing = last + 1, missing - 1
    return (first, last) if lowest == 0 and missing == 0 else (first, -1)
