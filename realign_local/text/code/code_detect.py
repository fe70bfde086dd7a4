"""Bare code in prose: which lines of a text are code although no fence says so.

A line is code, prose, or neither; a run of code lines with nothing but neither between them is a
block. To take prose for code would reject faithful rewrites, so a run must either be read by a
grammar or hold several lines that can hardly be anything else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from realign_local.text.code.code_blocks import CodeBlock, squeezed
from realign_local.text.code.code_language import guess_language, is_shaped, is_yaml
from realign_local.text.code.code_lines import Kind, has_signal, is_sentence, line_kind
from realign_local.text.code.code_parse import parses
from realign_local.text.code.unified_diff import diff_lines

_TRIPLE = re.compile(r'"""|' + "'''")
_STRING = re.compile(r"""\"(?:[^"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'""")
_BEGIN = re.compile(r"\\begin\{(\w+\*?)\}")
_STEP_IN = 4
MAX_LINES = 50_000

Line = tuple[int, str]
Lines = tuple[Line, ...]
Run = tuple[list[Line], int]


def bare_blocks(lines: Lines) -> list[CodeBlock]:
    """The runs of code among a text's unfenced lines, each with its language.

    Lines after the first `MAX_LINES` are not looked at: no response of use has as many.
    """
    lines = lines[:MAX_LINES]
    text = "\n".join(line for _, line in lines)
    if not has_signal(text):
        return []
    if is_shaped(text) or (text.startswith("#!") and not any(is_sentence(n) for _, n in lines)):
        return [_bare([*lines])]
    kinds = _kinds(lines)
    if "strong" not in kinds:
        return []
    runs = _runs(lines, kinds)
    if runs and _whole_text_is_code(text, runs):
        return [_bare([*lines])]
    wide = [_widened(run, lines) for run, strong in runs if _is_code(run, strong)]
    return [_bare(run) for n, run in enumerate(wide) if n == 0 or run[0] > wide[n - 1][-1]]


def _bare(run: Sequence[Line]) -> CodeBlock:
    text = squeezed("\n".join(line for _, line in run))
    return CodeBlock(text, run[0][0], guess_language(text), kind="bare")


def _kinds(lines: Lines) -> list[Kind]:
    """Each line's kind; those of a diff, and of a paragraph that is YAML as a whole, are code."""
    formulas = _formulas(lines)
    kinds: list[Kind] = [
        "prose" if within else line_kind(line)
        for (_, line), within in zip(lines, formulas, strict=True)
    ]
    for number in diff_lines([line for _, line in lines]):
        kinds[number] = "strong"
    start = 0
    for number, (_, line) in enumerate((*lines, (-1, ""))):
        if line.strip():
            continue
        if is_yaml([text for _, text in lines[start:number]]):
            kinds[start:number] = ["strong"] * (number - start)
        start = number + 1
    return kinds


def _formulas(lines: Lines) -> list[bool]:
    """Which lines are in a LaTeX environment or a display formula: `x &= 2` is no code there."""
    within: list[bool] = []
    closer = ""
    for _, line in lines:
        body = line.strip()
        opened = "" if closer or body[:1] not in ("\\", "$") else _closer(body)
        within.append(bool(closer or opened))
        if opened and opened not in body[2:]:
            closer = opened
        elif closer and closer in body:
            closer = ""
    return within


def _closer(line: str) -> str:
    """What ends the formula that a line opens; "" where it opens none."""
    if line.startswith(("$$", "\\[")):
        return "$$" if line[0] == "$" else "\\]"
    begins = _BEGIN.match(line)
    return f"\\end{{{begins[1]}}}" if begins else ""


def _runs(lines: Lines, kinds: Sequence[Kind]) -> list[Run]:
    """Maximal stretches from a code line to a code line, each with its number of strong lines."""
    runs: list[Run] = []
    run: list[Line] = []
    kept = strong = 0
    inside = _Inside()
    for (number, line), kind in zip((*lines, (-1, "")), (*kinds, "end"), strict=True):
        within = kind != "end" and bool(run) and inside.holds(line, run[0][1])
        if kind in ("prose", "end") and not within:
            if kept:
                runs.append((run[:kept], strong))
            run, kept, strong, inside = [], 0, 0, _Inside()
        elif run or line.strip():
            run.append((number, line))
            inside.read(line)
            if kind in ("strong", "weak") or within:
                kept = len(run)
                strong += kind == "strong"
    return runs


def _widened(run: list[Line], lines: Lines) -> list[Line]:
    """With the lines that touch the run, if they are no sentences and the code still parses.

    Code has lines of every look; that they stand in one paragraph with plain code says enough.
    """
    numbers = [number for number, _ in lines]
    first, last = numbers.index(run[0][0]), numbers.index(run[-1][0])
    start, end = first, last
    while start > 0 and _touches(lines[start - 1], lines[start]):
        start -= 1
    while end + 1 < len(lines) and _touches(lines[end + 1], lines[end]):
        end += 1
    wider = list(lines[start : end + 1])
    return wider if len(wider) > len(run) and _reads_well(wider) else run


def _touches(line: Line, other: Line) -> bool:
    near = abs(line[0] - other[0]) == 1
    return near and bool(line[1].strip()) and not is_sentence(line[1])


def _reads_well(run: Sequence[Line]) -> bool:
    code = squeezed("\n".join(line for _, line in run))
    language = guess_language(code)
    return bool(language) and parses(code, language)


class _Inside:
    """Whether the lines so far leave something open: a docstring, a comment, a bracket, a block."""

    def __init__(self) -> None:
        self.depth = 0
        self.quoted = False
        self.commented = False

    def read(self, line: str) -> None:
        was_quoted = self.quoted
        if len(_TRIPLE.findall(line)) % 2:
            self.quoted = not self.quoted
        if "/*" in line or "*/" in line:
            self.commented = line.rfind("/*") > line.rfind("*/")
        if not (self.quoted or was_quoted):
            line = _STRING.sub("", line)
            self.depth += sum((c in "([{") - (c in ")]}") for c in line)
            self.depth = max(0, self.depth)

    def holds(self, line: str, first: str) -> bool:
        """Whether a line that looks like prose belongs to the code around it."""
        if self.quoted or self.commented or self.depth > 0:
            return True
        margin = len(first) - len(first.lstrip())
        return bool(line.strip()) and len(line) - len(line.lstrip()) >= margin + _STEP_IN


def _whole_text_is_code(text: str, runs: list[Run]) -> bool:
    """Strong lines throughout and a grammar that reads all of it: sentences would not pass."""
    code = squeezed(text)
    lines = code.count("\n") + 1
    strong = sum(count for _, count in runs)
    if strong * 4 < lines:
        return False
    language = guess_language(code)
    return language not in ("", "shell", "yaml", "html") and parses(code, language)


def _is_code(run: Sequence[Line], strong: int) -> bool:
    filled = sum(1 for _, line in run if line.strip())
    if strong >= 2 and strong * 4 >= filled:
        return True
    if strong == 0:
        return False
    code = squeezed("\n".join(line for _, line in run))
    language = guess_language(code)
    return bool(language) and (language == "shell" or parses(code, language))
