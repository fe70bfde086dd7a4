"""Spellings that pass and other values that are caught: `python -m tests.spelt.measure`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from random import Random

from realign_local.gates import Case, first_failure, judge
from tests.spelt.spelt import Spelt
from tests.spelt.spelt_formulas import chemistry, equations, formula
from tests.spelt.spelt_values import VALUES

KINDS: dict[str, Callable[[Random], Spelt]] = {
    "formula": formula, "equations": equations, "chemistry": chemistry, **VALUES
}  # fmt: skip


def cases(kind: str, seed: int) -> list[tuple[bool, Case]]:
    """Whether it must pass, and the case, for one value: it in two spellings, and other values."""
    rng = Random(f"{kind}/{seed}")
    value = KINDS[kind](rng)
    found: list[tuple[bool, Case]] = []
    starts = value.same[:1] if value.is_directed else value.same
    pairs = [(a, b) for a in starts for b in value.same if a != b]
    for one, other in rng.sample(pairs, min(6, len(pairs))):
        before, after = rng.choice(value.frames)
        found.append((True, Case("Tell me.", put(before, one), put(after, other))))
    for other in value.other:
        before, after = rng.choice(value.frames)
        found.append((False, Case("Tell me.", put(before, rng.choice(starts)), put(after, other))))
    return [(good, Case(c.instruction, tidy(c.original), tidy(c.rewritten))) for good, c in found]


def put(frame: str, value: str) -> str:
    return frame.replace("{}", value)


def tidy(text: str) -> str:
    """No more than one blank line, and no blank at a line's ends."""
    if "```" in text:
        return text
    while "\n\n\n" in text or " \n" in text or "\n " in text:
        text = text.replace("\n\n\n", "\n\n").replace(" \n", "\n").replace("\n ", "\n")
    return text.replace("\n\n.", "").replace("\\].", "\\]").replace("$$.", "$$").strip()


def measure(kind: str, values: int) -> tuple[Counter[str], list[str]]:
    """How many spellings were tried and passed, others tried and missed; and what went wrong."""
    told: Counter[str] = Counter()
    lines: list[str] = []
    for seed in range(values):
        for good, case in cases(kind, seed):
            failure = first_failure(judge(case))
            told["same" if good else "other"] += 1
            if good == (failure is None):
                continue
            told["alarm" if good else "missed"] += 1
            why = f"{failure[0]}: {failure[1].detail}" if failure else "missed"
            lines.append(f"{kind} {seed} {why}\n   {case.original!r}\n   {case.rewritten!r}")
    return told, lines


def main() -> None:
    """A table for the kinds that are named, of so many values; `-v` shows what went wrong."""
    kinds = [a for a in sys.argv[1:] if a in KINDS] or list(KINDS)
    values = next((int(a) for a in sys.argv[1:] if a.isdigit()), 40)
    print("| kind | spellings | passed | others | caught |\n|---|---|---|---|---|")
    shown: list[str] = []
    for kind in kinds:
        told, lines = measure(kind, values)
        shown += lines
        passed = 1 - told["alarm"] / max(1, told["same"])
        caught = 1 - told["missed"] / max(1, told["other"])
        row = f"| {kind} | {told['same']} | {passed:.1%} | {told['other']} | {caught:.1%} |"
        print(row, flush=True)
    if "-v" in sys.argv:
        print("\n".join(shown))


if __name__ == "__main__":
    main()
