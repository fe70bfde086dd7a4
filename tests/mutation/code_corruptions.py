"""Kinds of damage to code: each spoils one thing in a faithful rewrite, or returns None."""

from __future__ import annotations

# ruff: noqa: E501 (tables of pairs read better in long lines)
import random
import re
from collections.abc import Callable

from realign_local.gates.gate import Case
from tests.mutation.code_pairs import SNIPPETS

Lines = list[str]

_OPERATORS = {
    "==": "!=", "!=": "==", "<=": "<", ">=": ">", " < ": " <= ", " > ": " >= ", " + ": " - ", " - ": " + ",
    " * ": " + ", " / ": " * ", " % ": " / ", "+=": "-=", "-=": "+=", "++": "--", "--;": "++;",
    " and ": " or ", " or ": " and ", " && ": " || ", " || ": " && ", "DESC": "ASC", " AND ": " OR ",
    " is None": " is not None", "true": "false", "True": "False", "!response": "response",
}  # fmt: skip
_REMARK = re.compile(r"\s*(?:#(?!include|\[|!)|//|--|<!--)")
_KNOWN = {line for snippet in SNIPPETS for line in snippet.code.split("\n") if line.strip()}
_IDENTIFIER = re.compile(r"\b[a-z_]{4,}\w*\b")
_WORDS = frozenset(
    """
    import from class public static final return while elif else void self this function
    const async await struct impl match with open yield isinstance list raise package func
    range append interface export string number private echo find source install upgrade
    form input label button type name
    """.split()  # noqa: SIM905 (a list of words reads better as text)
)


def _region(case: Case) -> tuple[int, int]:
    """First and last line (exclusive) of the rewrite's first piece of code."""
    lines = case.rewritten.split("\n")
    fences = [n for n, line in enumerate(lines) if line.startswith("```")]
    if len(fences) >= 2:
        return fences[0] + 1, fences[1]
    hits = [n for n, line in enumerate(lines) if line in _KNOWN]
    return (hits[0], hits[-1] + 1) if hits else (0, 0)


def _on_code(
    change: Callable[[Lines, random.Random], Lines | None],
) -> Callable[[Case, random.Random], str | None]:
    """Apply a change to the lines of the code alone."""

    def corrupt(case: Case, rng: random.Random) -> str | None:
        start, end = _region(case)
        lines = case.rewritten.split("\n")
        if end - start < 1:
            return None
        new = change(lines[start:end], rng)
        return None if new is None else "\n".join(lines[:start] + new + lines[end:])

    return corrupt


def _statements(lines: Lines) -> list[int]:
    return [n for n, line in enumerate(lines) if line.strip() and not _REMARK.match(line)]


def _substituted(
    lines: Lines,
    rng: random.Random,
    found: list[tuple[int, re.Match[str]]],
    new: Callable[[str], str],
) -> Lines | None:
    if not found:
        return None
    number, match = rng.choice(found)
    line = lines[number]
    return [
        *lines[:number],
        line[: match.start()] + new(match[0]) + line[match.end() :],
        *lines[number + 1 :],
    ]


def _matches(lines: Lines, pattern: str) -> list[tuple[int, re.Match[str]]]:
    return [(n, m) for n in _statements(lines) for m in re.finditer(pattern, lines[n])]


def dropped_line(lines: Lines, rng: random.Random) -> Lines | None:
    """Any one line that is not a remark."""
    places = _statements(lines)
    if not places:
        return None
    gone = rng.choice(places)
    return lines[:gone] + lines[gone + 1 :]


def operator(lines: Lines, rng: random.Random) -> Lines | None:
    """A comparison, a calculation or a truth value turned round."""
    pattern = "|".join(re.escape(name) for name in sorted(_OPERATORS, key=len, reverse=True))
    return _substituted(lines, rng, _matches(lines, pattern), lambda old: _OPERATORS[old])


def literal(lines: Lines, rng: random.Random) -> Lines | None:
    """One number by the next."""
    return _substituted(
        lines, rng, _matches(lines, r"(?<![\w.])\d+"), lambda old: str(int(old) + 1)
    )


def string(lines: Lines, rng: random.Random) -> Lines | None:
    """A letter of one string."""
    pattern = r"""(?<=['"`])[A-Za-z#/][^'"`]*(?=['"`])"""
    return _substituted(
        lines,
        rng,
        _matches(lines, pattern),
        lambda old: old[:-1] + ("x" if old[-1] != "x" else "y"),
    )


def renamed(lines: Lines, rng: random.Random) -> Lines | None:
    """An identifier, everywhere in the code."""
    names = sorted(
        {m[0] for n in _statements(lines) for m in _IDENTIFIER.finditer(lines[n])} - _WORDS
    )
    if not names:
        return None
    old = rng.choice(names)
    return [re.sub(rf"\b{old}\b", f"{old}_2", line) for line in lines]


def renamed_once(lines: Lines, rng: random.Random) -> Lines | None:
    """An identifier in one place."""
    found = [(n, m) for n, m in _matches(lines, _IDENTIFIER.pattern) if m[0] not in _WORDS]
    return _substituted(lines, rng, found, lambda old: f"my_{old}")


def arguments_swapped(lines: Lines, rng: random.Random) -> Lines | None:
    """f(a, b) becomes f(b, a)."""
    found = [(n, m) for n, m in _matches(lines, r"(?<=\()(\w+), (\w+)(?=\))") if m[1] != m[2]]
    return _substituted(lines, rng, found, lambda old: ", ".join(reversed(old.split(", "))))


def lines_swapped(lines: Lines, rng: random.Random) -> Lines | None:
    """Two neighbours that differ."""
    pairs = [
        (a, b)
        for a, b in zip(_statements(lines), _statements(lines)[1:], strict=False)
        if lines[a].strip() != lines[b].strip()
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    new = list(lines)
    new[a], new[b] = new[b], new[a]
    return new


def cut_off(lines: Lines, _rng: random.Random) -> Lines | None:
    """The last third of the code is missing."""
    places = _statements(lines)
    return lines[: places[len(places) * 2 // 3]] if len(places) >= 3 else None


def block_lost(lines: Lines, _rng: random.Random) -> Lines | None:
    """Nothing is left."""
    return [""] if lines else None


def line_added(lines: Lines, rng: random.Random) -> Lines | None:
    """A line of the code a second time, with another name in it."""
    places = [n for n in _statements(lines) if _IDENTIFIER.search(lines[n])]
    if not places:
        return None
    number = rng.choice(places)
    extra = _IDENTIFIER.sub("other_name", lines[number], count=1)
    return [*lines[: number + 1], extra, *lines[number + 1 :]] if extra != lines[number] else None


def dedented(lines: Lines, rng: random.Random) -> Lines | None:
    """The second of two lines of one block moves out of it: Python and YAML only."""
    if any(line.rstrip().endswith((";", "{", "}")) or line.startswith("<") for line in lines):
        return None
    pairs = [
        (a, b)
        for a, b in zip(_statements(lines), _statements(lines)[1:], strict=False)
        if lines[a].startswith("    ")
        and _margin(lines[a]) == _margin(lines[b])
        and not lines[b].lstrip().startswith('"')
    ]
    if not pairs:
        return None
    number = rng.choice(pairs)[1]
    return [
        *lines[:number],
        lines[number][2 if _margin(lines[number]) < 4 else 4 :],
        *lines[number + 1 :],
    ]


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


CODE_CORRUPTIONS: dict[str, Callable[[Case, random.Random], str | None]] = {
    "code line dropped": _on_code(dropped_line),
    "operator changed": _on_code(operator),
    "literal changed": _on_code(literal),
    "string changed": _on_code(string),
    "identifier renamed": _on_code(renamed),
    "identifier renamed once": _on_code(renamed_once),
    "arguments swapped": _on_code(arguments_swapped),
    "code lines swapped": _on_code(lines_swapped),
    "code cut off": _on_code(cut_off),
    "code lost": _on_code(block_lost),
    "code line added": _on_code(line_added),
    "code dedented": _on_code(dedented),
}
