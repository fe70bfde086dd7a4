"""A trained classifier on disk: a manifest with hashes, and weights, read without pickle."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from realign_local.base.assets import sha256_of
from realign_local.base.atomic import replacing
from realign_local.base.errors import AssetError, DiskError
from realign_local.base.untrusted import loads, read_text, reading_arrays
from realign_local.classifier.features import VERSION, Vectors

SHIPPED = Path(__file__).with_name("shipped")
MANIFEST, WEIGHTS = "manifest.json", "weights.npz"
TRAIN_HINT = "Train it with `realign classifier train LABELS -o DIR`."


@dataclass(frozen=True, slots=True)
class Model:
    """Weights (features, tasks + 1) and bias (tasks + 1,): a column a task, then the evidence head.

    They belong to the encoder with this hash. `sharpness` multiplies the tasks' scores before the
    softmax, `route_at` is the share from which evidence is looked up. `facts` tell how it was made.
    """

    tasks: tuple[str, ...]
    matrix: Vectors
    bias: Vectors
    encoder_sha256: str
    sharpness: float
    route_at: float
    evidence_tasks: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def restricted(self, tasks: Collection[str]) -> Model:
        """The same without tasks that nobody knows here."""
        kept = [number for number, task in enumerate(self.tasks) if task in tasks]
        columns = [*kept, len(self.tasks)]
        return Model(
            tuple(self.tasks[number] for number in kept),
            self.matrix[:, columns],
            self.bias[columns],
            self.encoder_sha256,
            self.sharpness,
            self.route_at,
            tuple(task for task in self.evidence_tasks if task in tasks),
            self.facts,
        )


def write_model(folder: Path, model: Model) -> None:
    """Write the weights, then the manifest that vouches for them; raises DiskError."""
    data = io.BytesIO()
    np.savez_compressed(
        data, matrix=model.matrix.astype(np.float16), bias=model.bias.astype(np.float32)
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError.about("make", folder, error) from error
    with replacing(folder / WEIGHTS) as file:
        file.write(data.getvalue())
    manifest = {
        "kind": "realign classifier",
        "features": VERSION,
        "tasks": model.tasks,
        "evidence_tasks": model.evidence_tasks,
        "encoder_sha256": model.encoder_sha256,
        "sharpness": model.sharpness,
        "route_at": model.route_at,
        "facts": dict(model.facts),
        "files": {WEIGHTS: {"bytes": len(data.getvalue()), "sha256": sha256_of(folder / WEIGHTS)}},
    }
    with replacing(folder / MANIFEST) as file:
        file.write(json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n")


def read_model(folder: Path = SHIPPED) -> Model:
    """Read a classifier; raises AssetError where it is missing, damaged or of another version."""
    path = folder / MANIFEST
    if not path.is_file():
        raise AssetError(f"no classifier at {folder}: {MANIFEST} is missing", hint=TRAIN_HINT)
    try:
        found = loads(read_text(path))
        if found["kind"] != "realign classifier":
            raise ValueError("of another kind")
        if found["features"] != VERSION:
            raise AssetError(
                f"{folder} was trained by another version of this program", hint=TRAIN_HINT
            )
        _check_hash(folder / WEIGHTS, found["files"][WEIGHTS]["sha256"])
        return _model(folder / WEIGHTS, found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AssetError(f"{path}: not a readable classifier", hint=TRAIN_HINT) from error


def _check_hash(path: Path, sha256: str) -> None:
    if sha256_of(path) != sha256:
        raise AssetError(
            f"{path} is not the file that was trained: its hash differs", hint=TRAIN_HINT
        )


def _model(weights: Path, found: Mapping[str, Any]) -> Model:
    with reading_arrays(), np.load(weights, allow_pickle=False) as file:
        matrix, bias = file["matrix"].astype(np.float32), file["bias"].astype(np.float32)
    tasks = tuple(map(str, found["tasks"]))
    if matrix.ndim != 2 or bias.shape != (len(tasks) + 1,) or matrix.shape[1:] != bias.shape:
        raise ValueError(f"shapes {matrix.shape} and {bias.shape} for {len(tasks)} tasks")
    return Model(
        tasks,
        matrix,
        bias,
        str(found["encoder_sha256"]),
        float(found["sharpness"]),
        float(found["route_at"]),
        tuple(map(str, found["evidence_tasks"])),
        dict(found["facts"]),
    )
