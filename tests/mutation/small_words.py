"""Sentences in which one small word is exchanged: `python -m tests.mutation.small_words [CODE...]`.

Each sentence of `small/` stands among others of its language, is laid out anew, and says the same
(`kept`) or something else in its braces.
"""

from __future__ import annotations

import random
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from realign_local.gates import Case, first_failure, judge

FOLDER = Path(__file__).parent / "small"
_SLOT = re.compile(r"\{([^{}]*)\}")
_NO_BLANKS = ("zh", "ja")
LAYOUTS = ("paragraphs", "bullets", "numbers", "labels", "table", "joined")


@dataclass(frozen=True, slots=True)
class SmallWord:
    """One row: a sentence with `said` in its braces, laid out anew; `kept` if it says the same."""

    language: str
    kind: str
    was: str
    said: str
    kept: bool
    case: Case


def rows(languages: tuple[str, ...] = (), *, seed: int = 7) -> Iterator[SmallWord]:
    """Every sentence with every word for its braces, in two layouts each."""
    for file in sorted(FOLDER.glob("*.toml")):
        if not languages or file.stem in languages:
            yield from _rows_of(file.stem, tomllib.loads(file.read_text(encoding="utf-8")), seed)


def _rows_of(language: str, table: dict[str, Any], seed: int) -> Iterator[SmallWord]:
    every = [(kind, line) for kind, lines in table["lines"].items() for line in lines]
    for kind, line in every:
        rng = random.Random(f"{seed}/{language}/{line}")
        was, same, others = _choices(line)
        beside = [_said(text, _choices(text)[0]) for _, text in rng.sample(every, 3)]
        beside = [text for text in beside if text != _said(line, was)][:2]
        at = rng.randrange(3)
        for said, kept in [*((s, True) for s in (was, *same)), *((o, False) for o in others)]:
            for layout in rng.sample(LAYOUTS, 2):
                original = [*beside[:at], _said(line, was), *beside[at:]]
                new = [*beside[:at], _said(line, said), *beside[at:]]
                joint = "" if language in _NO_BLANKS else " "
                case = Case(
                    str(table["asked"]),
                    joint.join(original),
                    _laid_out(layout, new, language, table["labels"].split("|")),
                )
                yield SmallWord(language, kind, was, said, kept, case)


def _choices(line: str) -> tuple[str, list[str], list[str]]:
    """The word of the original, those that say the same, and the others."""
    found = _SLOT.search(line)
    assert found, line
    head, _, others = found[1].partition("#")
    was, _, same = head.partition("=")
    mine, theirs = (
        [each.strip() for each in part.split(", ") if each.strip()] for part in (same, others)
    )
    return was.strip(), mine, theirs


def _said(line: str, word: str) -> str:
    """The sentence with this word in its braces, `-` for none."""
    text = _SLOT.sub(lambda _: "" if word == "-" else word, line)
    text = re.sub(r"  +", " ", text).strip().replace(" ,", ",").replace(" .", ".")
    return text[0].upper() + text[1:]


def _laid_out(layout: str, sentences: list[str], language: str, labels: list[str]) -> str:
    """The sentences as paragraphs, a list, items with labels, a table, or two of them joined."""
    numbered = [*enumerate(sentences, 1)]
    if layout == "bullets":
        return "\n".join(f"- {text}" for text in sentences)
    if layout == "numbers":
        return "\n".join(f"{number}. {text}" for number, text in numbered)
    if layout == "labels":
        both = zip(labels, sentences, strict=True)
        return "\n".join(f"- **{label}:** {text}" for label, text in both)
    if layout == "table":
        cells = (f"| {number} | {text.rstrip('.。')} |" for number, text in numbered)
        return "\n".join([f"| # | {labels[-1]} |", "|---|---|", *cells])
    if layout == "joined":
        first, second, *sentences = sentences
        joint = "；" if language in _NO_BLANKS else "; "
        sentences = [f"{first.rstrip('.。')}{joint}{second}", *sentences]
    return "\n\n".join(sentences)


@dataclass(slots=True)
class SmallRates:
    """How often words were exchanged and caught, or kept and taken for damage, by name."""

    tried: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)

    def add(self, row: SmallWord, *, failed: bool) -> None:
        """Count one row under its language, its kind and all."""
        for name in (row.language, row.kind, "all"):
            (self.kept if row.kept else self.tried)[name] += 1
            (self.alarms if row.kept else self.caught)[name] += failed


def main() -> None:
    """Print what is caught, and what is taken for damage; with -v each wrong verdict."""
    verbose = "-v" in sys.argv
    rates = SmallRates()
    for row in rows(tuple(arg for arg in sys.argv[1:] if arg != "-v")):
        failure = first_failure(judge(row.case))
        rates.add(row, failed=failure is not None)
        if verbose and row.kept == (failure is not None):
            why = f"({failure[0]}: {failure[1].detail})" if failure else ""
            print(
                "ALARM" if row.kept else "MISS",
                row.language,
                row.kind,
                row.was,
                "->",
                row.said,
                why,
            )
    print("| | caught | rate | false alarms |\n|---|---|---|---|")
    for name, tried in rates.tried.items():
        caught, false = rates.caught[name], f"{rates.alarms[name]} of {rates.kept[name]}"
        print(f"| {name} | {caught} of {tried} | {caught / tried:.1%} | {false} |")


if __name__ == "__main__":
    main()
