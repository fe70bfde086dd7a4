"""A text cut into its code blocks: fenced, inline, and the prose lines around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from realign_local.text.code.code_grammars import LANGUAGE_OF

_FENCE = re.compile(r"^([ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?)(`{3,}|~{3,})[ \t]*([^`\n]*)$")
_INLINE = re.compile(r"(?<![`\\])(`{1,2})(?!`)([^\n]{1,2000}?)(?<!`)\1(?!`)")


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A piece of code as written, dedented by its fence; `line` is where it begins in the text.

    `language` is the one that its label names: "" for no label or one without a grammar. `label` is
    the first word after the fence.
    """

    text: str
    line: int
    language: str = ""
    label: str = ""
    kind: str = "fenced"


@dataclass(frozen=True, slots=True)
class CodeParts:
    """A text's fenced blocks and its other lines, each with its line number."""

    fenced: tuple[CodeBlock, ...]
    lines: tuple[tuple[int, str], ...]

    @property
    def prose(self) -> str:
        """All that is not fenced."""
        return "\n".join(line for _, line in self.lines)


def split_lines(text: str) -> list[str]:
    """Lines as Markdown counts them: not cut at U+2028 or form feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@lru_cache(maxsize=64)
def cut(text: str) -> CodeParts:
    """Separate fenced blocks from the rest. A fence that is never closed runs to the end."""
    fenced: list[CodeBlock] = []
    prose: list[tuple[int, str]] = []
    inside: list[str] = []
    opening: re.Match[str] | None = None
    start = 0
    for number, line in enumerate(split_lines(text)):
        if opening is None:
            opening = _FENCE.match(line) if "```" in line or "~~~" in line else None
            start, inside = number, []
            if opening is None:
                prose.append((number, line))
        elif _closes(line, opening[2]):
            fenced.append(_block(inside, opening, start))
            opening = None
        else:
            inside.append(line)
    if opening is not None:
        fenced.append(_block(inside, opening, start))
    return CodeParts(tuple(fenced), tuple(prose))


def _closes(line: str, fence: str) -> bool:
    line = line.strip(" \t>")
    return len(line) >= len(fence) and not line.strip(fence[0])


def _block(lines: list[str], opening: re.Match[str], start: int) -> CodeBlock:
    words = opening[3].split()
    label = words[0].strip("{}.").lower() if words else ""
    margin = len(opening[1].expandtabs(4))
    text = (
        "\n".join(_without_margin(line, margin) for line in lines) if margin else "\n".join(lines)
    )
    return CodeBlock(text, start, LANGUAGE_OF.get(label, ""), label)


def _without_margin(line: str, margin: int) -> str:
    """Take away what the list item or quotation around a fence put before its lines."""
    cut_at = 0
    while cut_at < min(margin, len(line)) and line[cut_at] in " \t>":
        cut_at += 1
    return line[cut_at:]


def inline_spans(parts: CodeParts) -> list[CodeBlock]:
    """The code spans of the prose: `x = 1`."""
    return [
        CodeBlock(found[2].strip(), number, kind="inline")
        for number, line in parts.lines
        if "`" in line
        for found in _INLINE.finditer(line)
    ]


def squeezed(text: str) -> str:
    """The text without blank lines, trailing spaces and a common margin: for a first comparison."""
    lines = [line.rstrip() for line in split_lines(text) if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    return "\n".join(line[margin:] for line in lines)
