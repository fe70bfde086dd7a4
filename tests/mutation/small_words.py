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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from realign_local.gates import Case, first_failure, judge

FOLDER = Path(__file__).parent / "small"
_SLOT = re.compile(r"\{([^{}]*)\}")
_NO_BLANKS = ("zh", "ja")


@dataclass(frozen=True, slots=True)
class SmallWord:
    """One row: a sentence whose words in braces say `said`, in a layout; `kept` if it says the same."""

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


def _rows_of(language: str, table: dict[str, object], seed: int) -> Iterator[SmallWord]:
    kinds = table["lines"]
    assert isinstance(kinds, dict)
    every = [(kind, line) for kind, lines in kinds.items() for line in lines]
    for kind, line in every:
        rng = random.Random(f"{seed}/{language}/{line}")
        was, same, others = _choices(line, language)
        beside = [_said(text, _choices(text, language)[0]) for _, text in rng.sample(every, 3)]
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
                    layout(new, language, str(table["labels"]).split("|")),
                )
                yield SmallWord(language, kind, was, said, kept, case)


def _choices(line: str, language: str) -> tuple[str, list[str], list[str]]:
    """The word of the original, those that say the same, and the others."""
    found = _SLOT.search(line)
    assert found, line
    head, _, others = found[1].partition("#")
    was, _, same = head.partition("=")
    parted = ([each.strip() for each in re.split(r", ", part) if each.strip()] for part in (same, others))
    mine, theirs = parted
    return was.strip(), mine, theirs


def _said(line: str, word: str) -> str:
    """The sentence with this word in its braces, `-` for none."""
    text = _SLOT.sub(lambda _: "" if word == "-" else word, line)
    text = re.sub(r"  +", " ", text).strip().replace(" ,", ",").replace(" .", ".")
    return text[0].upper() + text[1:]


def _lines(sentences: list[str], language: str, labels: list[str]) -> str:
    return "\n\n".join(sentences)


def _bullets(sentences: list[str], language: str, labels: list[str]) -> str:
    return "\n".join(f"- {s}" for s in sentences)


def _numbers(sentences: list[str], language: str, labels: list[str]) -> str:
    return "\n".join(f"{n}. {s}" for n, s in enumerate(sentences, 1))


def _labels(sentences: list[str], language: str, labels: list[str]) -> str:
    return "\n".join(f"- **{name}:** {s}" for name, s in zip(labels, sentences, strict=True))


def _table(sentences: list[str], language: str, labels: list[str]) -> str:
    head = f"| # | {labels[-1]} |\n|---|---|\n"
    return head + "\n".join(f"| {n} | {s.rstrip('.。')} |" for n, s in enumerate(sentences, 1))


def _joined(sentences: list[str], language: str, labels: list[str]) -> str:
    first, second, *others = sentences
    if language in _NO_BLANKS:
        return "\n\n".join([f"{first.rstrip('。')}；{second}", *others])
    return "\n\n".join([f"{first.rstrip('.')}; {second}", *others])


LAYOUTS: list[Callable[[list[str], str, list[str]], str]] = [
    _lines, _bullets, _numbers, _labels, _table, _joined
]  # fmt: skip


def main() -> None:
    """Print what is caught, and what is taken for damage, by language and kind."""
    verbose = "-v" in sys.argv
    tried, caught, kept, alarms = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows(tuple(arg for arg in sys.argv[1:] if arg != "-v")):
        failure = first_failure(judge(row.case))
        for key in ((row.language, "all"), (row.kind, "all"), ("all", "all")):
            if row.kept:
                kept[key] += 1
                alarms[key] += failure is not None
            else:
                tried[key] += 1
                caught[key] += failure is not None
        if verbose and row.kept == (failure is not None):
            word = "ALARM" if row.kept else "MISS"
            why = failure and (failure[0], failure[1].detail)
            print(word, row.language, row.kind, f"{row.was} -> {row.said}", why or "", "::", row.case.rewritten.replace("\n", "\\n")[:300] if why else "")
    print("| | caught | rate | false alarms |\n|---|---|---|---|")
    for key in tried:
        rate = caught[key] / tried[key]
        print(f"| {key[0]} | {caught[key]} of {tried[key]} | {rate:.1%} | {alarms[key]} of {kept[key]} |")


if __name__ == "__main__":
    main()
