"""Train the shipped task classifier from the labelled queries in the repository.

Run by a developer after changing queries, criteria or features. With `--eval LABELS.json` it
measures the shipped weights on labels that they were not trained on.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from realign_local.assets import find_encoder, shared_path
from realign_local.classifier.linear import WEIGHTS, LinearClassifier, design, read_weights
from realign_local.criteria import Criteria, read_criteria
from realign_local.evidence.encoder import Encoder
from realign_local.machine import physical_cores

INVERSE_REGULARIZATION = 3.0
"""Chosen among 3, 10 and 30 on labels from elsewhere: 78.4, 78.1 and 77.8 % right."""


def labelled(criteria: Criteria) -> Iterator[tuple[str, str]]:
    """(instruction, task): the criteria's own queries, then the set beside the classifier."""
    for criterion in criteria.values():
        yield from ((text, criterion.task) for text in (criterion.description, *criterion.queries))
    for file in sorted((WEIGHTS.parent / "queries").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").split("\n"):
            if line.strip():
                row = json.loads(line)
                yield row["instruction"], row["category"]


def train() -> None:
    """Fit and write the weights."""
    from sklearn.linear_model import LogisticRegression

    criteria = read_criteria(shared_path("criteria"))
    texts, tasks = zip(*labelled(criteria), strict=True)
    encoder = Encoder(find_encoder(None), threads=physical_cores())
    model = LogisticRegression(C=INVERSE_REGULARIZATION, max_iter=1000)
    model.fit(design(texts, encoder.encode), tasks)
    np.savez_compressed(
        WEIGHTS,
        tasks=np.array(model.classes_.tolist()),
        matrix=model.coef_.astype(np.float16),
        bias=model.intercept_.astype(np.float32),
        encoder_sha256=np.array(encoder.sha256),
    )
    print(f"{len(texts)} queries, {len(set(tasks))} tasks, {WEIGHTS.stat().st_size:,} bytes")


def evaluate(path: Path) -> None:
    """Accuracy of the task and of the two decisions that hang on it, and calibration."""
    criteria = read_criteria(shared_path("criteria"))
    rows = [(r["instruction"], r["category"]) for r in json.loads(path.read_text("utf-8"))]
    encoder = Encoder(find_encoder(None), threads=physical_cores())
    found = LinearClassifier(read_weights(), encoder.encode)([text for text, _ in rows])
    right = np.array([task == label for (task, _), (_, label) in zip(found, rows, strict=True)])
    sure = np.array([confidence for _, confidence in found])
    same = {
        name: np.mean(
            [
                getattr(criteria[task], name) == getattr(criteria[label], name)
                for (task, _), (_, label) in zip(found, rows, strict=True)
            ]
        )
        for name in ("rewrite", "needs_evidence")
    }
    bins = np.minimum((sure * 10).astype(int), 9)
    ece = sum(
        abs(right[bins == b].mean() - sure[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    )
    print(f"{len(rows)} rows, accuracy {right.mean():.3f}, rewrite decision {same['rewrite']:.3f},")
    print(f"evidence decision {same['needs_evidence']:.3f}, calibration error {ece:.3f}")
    wrong = Counter(
        (label, task) for (task, _), (_, label) in zip(found, rows, strict=True) if task != label
    )
    for (label, task), count in wrong.most_common(12):
        print(f"  {count:3} {label} taken for {task}")


if __name__ == "__main__":
    evaluate(Path(sys.argv[2])) if sys.argv[1:2] == ["--eval"] else train()
