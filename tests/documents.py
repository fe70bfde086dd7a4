"""Reads the commands, links and messages out of the project's own documents."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs" / "decisions").glob("*.md"),
        *ROOT.glob("*.md"),
        *(ROOT / folder / "README.md" for folder in ("criteria", "examples", "indexes", "models")),
    ]
)
GENERATED = ROOT / "docs" / "commands.md"
FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.M | re.S)
"""Its ticks, language and lines; a block of more ticks may hold one of fewer."""
SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Line:
    """One command as a page shows it."""

    page: Path
    text: str

    @property
    def words(self) -> list[str]:
        """The command alone, without comments and without what the shell does with its output."""
        words = shlex.split(self.text, comments=True)
        ends = (number for number, word in enumerate(words) if word in (">", "|", "&&"))
        return words[: next(ends, None)]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {self.text}"


def block_commands(page: Path) -> Iterator[Line]:
    """What stands in ```bash blocks, and indented lines that call realign."""
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        if match[2] in ("bash", "sh", "console"):
            joined = match[3].replace("\\\n", " ")
            lines = (line.strip().removeprefix("$ ") for line in joined.splitlines())
            yield from (Line(page, line) for line in lines if line and not line.startswith("#"))
    for line in FENCE.sub("", text).splitlines():
        command = line.strip().removeprefix("$ ")
        if line.startswith("    ") and command.startswith("realign "):
            yield Line(page, command)


def span_commands(page: Path) -> Iterator[Line]:
    """Commands named within a sentence; those with a gap in them are left out."""
    for match in SPAN.finditer(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if match[1].startswith("realign ") and not re.search(r"\.\.\.|…|COMMAND|\|", match[1]):
            yield Line(page, match[1])


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as they are commonly made."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
