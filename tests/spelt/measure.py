"""Shares of spellings that pass and of other values that are caught: `python -m tests.spelt.measure`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from random import Random

from realign_local.gates import Case, first_failure, judge
from tests.spelt.spelt import Spelt
from tests.spelt.spelt_formulas import chemistry, formula
from tests.spelt.spelt_values import VALUES

KINDS: dict[str, Callable[[Random], Spelt]] = {"formula": formula, "chemistry": chemistry, **VALUES}


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


def measure(kind: str, values: int, show: int = 0) -> tuple[Counter[str], list[str]]:
    told: Counter[str] = Counter()
    lines: list[str] = []
    for seed in range(values):
        for good, case in cases(kind, seed):
            failure = first_failure(judge(case))
            told["same" if good else "other"] += 1
            told["passed" if good else "missed"] += (
                good == (failure is None) if good else failure is None
            )
            if good and failure:
                lines.append(
                    f"ALARM {kind} {seed} {failure[0]}: {failure[1].detail}\n   {case.original!r}\n   {case.rewritten!r}"
                )
            if not good and not failure:
                lines.append(f"MISS  {kind} {seed}\n   {case.original!r}\n   {case.rewritten!r}")
    return told, lines


def main() -> None:
    kinds = [a for a in sys.argv[1:] if a in KINDS] or list(KINDS)
    values = next((int(a) for a in sys.argv[1:] if a.isdigit()), 40)
    print("| kind | spellings | passed | others | caught |\n|---|---|---|---|---|")
    shown: list[str] = []
    for kind in kinds:
        told, lines = measure(kind, values)
        shown += lines
        print(
            f"| {kind} | {told['same']} | {told['passed'] / max(1, told['same']):.1%} | {told['other']} | {1 - told['missed'] / max(1, told['other']):.1%} |",
            flush=True,
        )
    if "-v" in sys.argv:
        print("\n".join(shown))


if __name__ == "__main__":
    main()
