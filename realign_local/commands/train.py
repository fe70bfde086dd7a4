"""Train and measure classifiers with the real parts: labels in, folders and figures out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from realign_local.base.errors import UsageError
from realign_local.base.progress import Progress
from realign_local.base.untrusted import loads, read_text
from realign_local.classifier.features import LAYERS
from realign_local.classifier.guess import Guess
from realign_local.classifier.labelled import Labelled, everyday_labels, read_labels, shipped_labels
from realign_local.classifier.measure import measure
from realign_local.classifier.model import MANIFEST, Model, write_model
from realign_local.classifier.training import Trained, train
from realign_local.data.batches import batched
from realign_local.evidence.encoders.encoder import Encoder
from realign_local.run.files import rundir
from realign_local.run.tools import ClassifierTools

BATCH = 256


def train_classifier(
    tools: ClassifierTools, labels: Path, folder: Path, *, progress: Progress
) -> dict[str, Any]:
    """Train on labels and our own queries, write the classifier, return what its manifest tells.

    Raises DataError for labels that are no use, UsageError where the folder holds something else.
    """
    _check_free(folder)
    read = read_labels(labels, tools.criteria)
    for note in read.notes:
        progress.note(note)
    trained = _train(tools, read.rows, shipped_labels(tools.criteria), progress)
    for note in trained.notes:
        progress.note(note)
    write_model(folder, trained.model)
    return dict(trained.model.facts)


def train_shipped(tools: ClassifierTools, progress: Progress) -> Model:
    """The classifier that ships with the program, from the queries that do."""
    everyday = everyday_labels(tools.criteria)
    return _train(tools, everyday, shipped_labels(tools.criteria), progress).model


def _train(
    tools: ClassifierTools,
    rows: tuple[Labelled, ...],
    shipped: tuple[Labelled, ...],
    progress: Progress,
) -> Trained:
    encoder = Encoder(tools.encoder, threads=tools.threads, layers=LAYERS, use_card=tools.use_card)
    return train(
        rows,
        encoder.encode,
        shipped=shipped,
        encoder_sha256=encoder.sha256,
        evidence_tasks=[c.task for c in tools.criteria.values() if c.needs_evidence],
        progress=progress,
    )


def _check_free(folder: Path) -> None:
    """An index has a manifest, too: only one that is a classifier's may be replaced."""
    rundir.refuse_inside_run(folder)
    if not rundir.is_there(folder) or _is_classifier(folder):
        return
    if not folder.is_dir() or any(folder.iterdir()):
        raise UsageError(
            f"{folder} holds something else", hint="Give a new folder, or a classifier's: -o DIR."
        )


def _is_classifier(folder: Path) -> bool:
    try:
        found = loads(read_text(folder / MANIFEST))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("kind") == "realign classifier"


def evaluate_classifier(
    tools: ClassifierTools, labels: Path, *, progress: Progress
) -> dict[str, Any]:
    """Measure the classifier of these tools on a file of labels; raises DataError."""
    read = read_labels(labels, tools.criteria)
    for note in read.notes:
        progress.note(note)
    guesses: list[Guess] = []
    with tools.classifier() as label:
        progress.phase("classify", len(read.rows))
        started = time.perf_counter()
        for batch in batched(read.rows, BATCH):
            guesses += label([row.instruction for row in batch])
            progress.advance(len(batch))
        seconds = time.perf_counter() - started
    return measure(read.rows, guesses, criteria=tools.criteria, seconds=seconds)
