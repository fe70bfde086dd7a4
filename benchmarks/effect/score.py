"""Right or wrong, by the final number; shares with their intervals, differences with theirs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np

Z = 1.96
RESAMPLES = 10_000
SHOWN = 3
"""Answers of each run that are kept in full, to look at."""
_NUMBER = r"[-−]?[$€£]?\d[\d,]*(?:\.\d+)?"
_MARKED = (
    re.compile(rf"####\s*({_NUMBER})"),
    re.compile(rf"\\boxed\{{\s*({_NUMBER})"),
    re.compile(rf"(?i)\banswer(?: is)?:?\s*\**({_NUMBER})"),
)
_ANY = re.compile(_NUMBER)

Question = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one run said to the questions of one file: text and length in tokens of each."""

    arm: str
    seed: int | None
    name: str
    questions: Sequence[Question]
    said: Sequence[tuple[str, int]]

    @property
    def right(self) -> list[bool]:
        """For each question whether the final number is the answer."""
        return [
            final(text)[0] == number(question["answer"])
            for question, (text, _) in zip(self.questions, self.said, strict=True)
        ]


def read_questions(path: Path) -> list[Question]:
    """Questions with bare answers, also from workings that end in `#### N`."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        answer = row["answer"].rpartition("####")[2].strip()
        if number(answer) is None:
            raise SystemExit(f"{path}: no number as the answer: {answer[:60]!r}")
        found.append({"question": row["question"], "answer": answer})
    return found


def number(text: str) -> Decimal | None:
    """The value of a number as it is written: `$1,200.00` is 1200."""
    try:
        return Decimal(re.sub(r"[$€£,\s]", "", text).replace("−", "-").rstrip("."))
    except InvalidOperation:
        return None


def final(text: str) -> tuple[Decimal | None, bool]:
    """The last number that is marked as the answer, else the last number; and whether marked."""
    for pattern in _MARKED:
        if found := pattern.findall(text):
            return number(found[-1]), True
    found = _ANY.findall(text)
    return (number(found[-1]) if found else None), False


def wilson(right: float, count: int) -> tuple[float, float]:
    """Interval of 95 % of a share (Wilson 1927)."""
    share = right / count
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(share * (1 - share) / count + (Z / 2 / count) ** 2)
    return max(0.0, middle - half), min(1.0, middle + half)


def scores(answers: Answers) -> dict[str, Any]:
    """The figures of one run on one file of questions; `right` has a sign for each question."""
    right, count = answers.right, len(answers.questions)
    texts = [text for text, _ in answers.said]
    return {
        "accuracy": sum(right) / count,
        "interval": [round(x, 4) for x in wilson(sum(right), count)],
        "readable": sum(final(text)[1] for text in texts) / count,
        "mean_tokens": round(sum(length for _, length in answers.said) / count, 1),
        "right": "".join("+-"[not one] for one in right),
        "shown": texts[:SHOWN],
    }


def difference(answers: Sequence[Answers], name: str, first: str, second: str) -> dict[str, Any]:
    """How much better the second arm is, over the seeds that both have; {} where there is none.

    The interval of 95 % is a paired bootstrap over the questions: each question's difference is its
    mean over the seeds. That of a single seed stands beside it, as seeds are a chance of their own.
    """
    tables = [
        np.array([a.right for a in answers if a.arm == arm and a.name == name], dtype=float)
        for arm in (first, second)
    ]
    seeds = min(len(found) for found in tables)
    if not seeds:
        return {}
    apart = tables[1][:seeds] - tables[0][:seeds]
    each = apart.mean(axis=0)
    dice = np.random.default_rng(0)
    means = each[dice.integers(0, len(each), (RESAMPLES, len(each)))].mean(axis=1)
    return {
        "questions": name,
        "arm": second,
        "against": first,
        "difference": round(float(each.mean()), 4),
        "interval": [round(float(x), 4) for x in np.quantile(means, (0.025, 0.975))],
        "of_each_seed": [round(float(x), 4) for x in apart.mean(axis=1)],
        "won": int((apart > 0).sum()),
        "lost": int((apart < 0).sum()),
    }


def table(told: dict[str, Any]) -> str:
    """All in one table: a line for each arm and file, the mean over its seeds."""
    lines = [
        "| questions | arm | changed rows | seeds | right | 95 % (Wilson) | readable | tokens"
        " | against the original, 95 % (paired bootstrap) |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    names = list(dict.fromkeys(run["arm"] for run in told["runs"]))
    against = {(d["questions"], d["arm"]): d for d in told["differences"]}
    for questions, count in told["questions"].items():
        for arm in names:
            runs = [run["sets"][questions] for run in told["runs"] if run["arm"] == arm]
            right = [run["accuracy"] for run in runs]
            mean = sum(right) / len(right)
            low, high = wilson(mean * count, count)
            readable = sum(run["readable"] for run in runs) / len(runs)
            tokens = sum(run["mean_tokens"] for run in runs) / len(runs)
            found = against.get((questions, arm))
            apart = ""
            if found:
                less, more = found["interval"]
                apart = f"{found['difference']:+.1%} ({less:+.1%} to {more:+.1%})"
            changed = told["changed_rows"].get(arm, "")
            lines.append(
                f"| {questions} | {arm} | {changed} | {len(runs)} | {mean:.1%}"
                f" | {low:.1%} to {high:.1%} | {readable:.1%} | {tokens:.0f} | {apart} |"
            )
    return "\n".join(lines)
