"""How good a classifier is: the task, the two decisions that hang on it, and its confidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realign_local.base.criterion import Criteria, Criterion
from realign_local.base.wilson import wilson
from realign_local.classifier.enclosed import brings_its_text
from realign_local.classifier.guess import Guess
from realign_local.classifier.labelled import Labelled

BINS = 10
PAIRS = 12
Z = 1.96
"""Of the normal distribution, for intervals that hold in 95 of 100 cases."""

ROUNDS = 300
FEWEST_RESAMPLED = 30
"""Fewer rows, drawn anew, are too much like themselves for an interval: all right gives 1 to 1."""


def measure(
    rows: Sequence[Labelled], guesses: Sequence[Guess], *, criteria: Criteria, seconds: float
) -> dict[str, Any]:
    """The object that `realign classifier eval --json` prints; there must be at least one row.

    `groups` counts, for each group of tasks, the groups that its rows were taken for.
    `evidence_recall` is None where no row needs evidence, `evidence_false_rate` where every one
    does; the interval of `macro_f1` is None under FEWEST_RESAMPLED rows.
    """
    wanted = [row.task for row in rows]
    found = [guess.task for guess in guesses]
    right = np.array([a == b for a, b in zip(wanted, found, strict=True)])
    rewrite = np.array(
        [criteria[a].rewrite == criteria[b].rewrite for a, b in zip(wanted, found, strict=True)]
    )
    group = np.array(
        [criteria[a].group == criteria[b].group for a, b in zip(wanted, found, strict=True)]
    )
    forms = {task: _form(criterion) for task, criterion in criteria.items()}
    form = np.array([forms[a] == forms[b] for a, b in zip(wanted, found, strict=True)])
    needed = np.array([row.needs_evidence for row in rows])
    sought = np.array([_is_sought(*pair, criteria) for pair in zip(rows, guesses, strict=True)])
    sure = np.array([guess.confidence for guess in guesses])
    bins = reliability(sure, right)
    rates = {
        "accuracy": right,
        "group_accuracy": group,
        "form_accuracy": form,
        "rewrite_accuracy": rewrite,
        "evidence_recall": sought[needed],
        "evidence_false_rate": sought[~needed],
    }
    return {
        "rows": len(rows),
        **{name: _share(hits) for name, hits in rates.items()},
        "macro_f1": round(macro_f1(wanted, found), 4),
        "rows_per_s": round(len(rows) / max(seconds, 1e-9), 1),
        "ece": round(expected_calibration_error(bins), 4),
        "worst_pairs": worst_pairs(wanted, found),
        "groups": group_pairs(wanted, found, criteria),
        "calibration": bins,
        "intervals": {
            **{name: interval(int(hits.sum()), len(hits)) for name, hits in rates.items()},
            "macro_f1": _resampled_f1(wanted, found) if len(rows) >= FEWEST_RESAMPLED else None,
        },
    }


def _is_sought(row: Labelled, guess: Guess, criteria: Criteria) -> bool:
    """Whether a run would look the request up."""
    needs = guess.needs_evidence or criteria[guess.task].needs_evidence
    return needs and not brings_its_text(row.instruction)


def _form(criterion: Criterion) -> tuple[bool, tuple[str, ...], bool]:
    """What a run does by the task: tasks of the same form are as good as each other to a row."""
    return criterion.rewrite, tuple(sorted(criterion.operations)), criterion.needs_evidence


def _share(hits: NDArray[np.bool_]) -> float | None:
    return round(float(hits.mean()), 4) if len(hits) else None


def interval(hits: int, rows: int) -> tuple[float, float] | None:
    """Of a share, at 95 %; None without rows."""
    if not rows:
        return None
    low, high = wilson(hits, rows, z=Z)
    return round(low, 4), round(high, 4)


def macro_f1(wanted: Sequence[str], found: Sequence[str]) -> float:
    """Mean F1 of the tasks that are labelled or found at least once."""
    both = Counter(a for a, b in zip(wanted, found, strict=True) if a == b)
    of_wanted, of_found = Counter(wanted), Counter(found)
    tasks = set(of_wanted) | set(of_found)
    return sum(2 * both[t] / (of_wanted[t] + of_found[t]) for t in tasks) / max(1, len(tasks))


def _resampled_f1(wanted: Sequence[str], found: Sequence[str]) -> tuple[float, float]:
    """The middle 95 % of the macro F1 over rows drawn anew; always the same draws."""
    names = {task: number for number, task in enumerate(sorted({*wanted, *found}))}
    a = np.array([names[task] for task in wanted])
    b = np.array([names[task] for task in found])
    random = np.random.default_rng(0)
    draws = [_f1(a[chosen], b[chosen], len(names)) for chosen in _draws(random, len(a))]
    low, high = np.quantile(draws, (0.025, 0.975))
    return round(float(low), 4), round(float(high), 4)


def _draws(random: np.random.Generator, rows: int) -> list[NDArray[np.int64]]:
    return [random.integers(0, rows, rows) for _ in range(ROUNDS)]


def _f1(wanted: NDArray[np.int64], found: NDArray[np.int64], tasks: int) -> float:
    both = np.bincount(wanted[wanted == found], minlength=tasks)
    total = np.bincount(wanted, minlength=tasks) + np.bincount(found, minlength=tasks)
    seen = total > 0
    return float((2 * both[seen] / total[seen]).mean())


def reliability(sure: NDArray[Any], right: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Ten bins of confidence: how many rows, how sure, how often right; empty ones are left out."""
    number = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        {
            "from": b / BINS,
            "to": (b + 1) / BINS,
            "rows": int((number == b).sum()),
            "confidence": round(float(sure[number == b].mean()), 4),
            "accuracy": round(float(right[number == b].mean()), 4),
        }
        for b in range(BINS)
        if (number == b).any()
    ]


def expected_calibration_error(bins: Sequence[dict[str, Any]]) -> float:
    """Mean distance of confidence and accuracy over the rows of the bins (Guo et al., 2017)."""
    rows = sum(b["rows"] for b in bins)
    gaps = (b["rows"] * abs(b["accuracy"] - b["confidence"]) for b in bins)
    return float(sum(gaps) / max(1, rows))


def worst_pairs(wanted: Sequence[str], found: Sequence[str]) -> list[dict[str, Any]]:
    """The commonest confusions."""
    pairs = Counter((a, b) for a, b in zip(wanted, found, strict=True) if a != b)
    order = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"labelled": a, "taken_for": b, "rows": n} for (a, b), n in order[:PAIRS]]


def group_pairs(
    wanted: Sequence[str], found: Sequence[str], criteria: Criteria
) -> dict[str, dict[str, int]]:
    """How many rows of each group were taken for each one, groups in the order of their names."""
    pairs = Counter(
        (criteria[a].group, criteria[b].group) for a, b in zip(wanted, found, strict=True)
    )
    table: dict[str, dict[str, int]] = {}
    for (a, b), rows in sorted(pairs.items()):
        table.setdefault(a, {})[b] = rows
    return table
