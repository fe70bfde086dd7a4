"""A model from its folder: all weights that its configuration asks for, or a plain error."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from realign_local.base.errors import AssetError, RealignError
from realign_local.base.untrusted import check_plain
from realign_local.evidence.encoders.batching import Vectors

UNUSED = ("pooler.",)
"""Of a text encoder: sentence-transformers never reads BERT's own pooler, many files lack it."""


def check_folder(folder: Path, what: str, *, hint: str) -> None:
    """Raise AssetError unless it is a folder in which all is a file: the libraries read on and on
    where a device stands, and wait at a pipe.
    """
    if not folder.is_dir():
        raise AssetError(f"no {what} at {folder}", hint=hint)
    for path in folder.rglob("*"):
        if path.exists() and not path.is_dir():
            try:
                check_plain(path)
            except OSError as error:
                raise AssetError(f"cannot read {path}: {error.strerror}", hint=hint) from error


@contextmanager
def every_weight_loaded(folder: Path, *, unused: tuple[str, ...] = ()) -> Iterator[None]:
    """Raise AssetError where a model that is loaded inside misses weights in its file.

    transformers fills what is missing with random numbers and only logs it: each load is then
    another model. It tells its caller what was missing if asked; sentence-transformers does not
    ask, so the question is put in between.
    """
    from transformers import PreTrainedModel

    reports: list[dict[str, Any]] = []
    plain: Any = PreTrainedModel.__dict__["from_pretrained"]

    def asking(cls: Any, *args: Any, **options: Any) -> Any:
        wanted = options.pop("output_loading_info", False)
        model, report = plain.__func__(cls, *args, output_loading_info=True, **options)
        reports.append(report)
        return (model, report) if wanted else model

    loader: Any = PreTrainedModel
    loader.from_pretrained = classmethod(asking)
    try:
        yield
    finally:
        loader.from_pretrained = plain
    for report in reports:
        _refuse_gaps(folder, report, unused)


def _refuse_gaps(folder: Path, report: dict[str, Any], unused: tuple[str, ...]) -> None:
    gaps = {str(name) for name in report["missing_keys"]}
    gaps |= {str(name) for name, *_ in report["mismatched_keys"]}
    if lost := sorted(name for name in gaps if not name.startswith(unused)):
        count = f"{len(lost)} of the weights that config.json asks for"
        raise AssetError(
            f"{folder}: its file of weights lacks {count}, such as {lost[0]}",
            hint="Copy the model again; its config.json and its weights must belong together.",
        )


@contextmanager
def every_token_known(folder: Path) -> Iterator[None]:
    """Raise AssetError where a tokenizer gives a number beyond the vectors of its model."""
    try:
        yield
    except IndexError as error:
        raise AssetError(
            f"{folder}: its weights have no vector for a token of its tokenizer",
            hint="Copy the model again; its tokenizer and its weights must belong together.",
        ) from error


def refuse_wordless(folder: Path, tokenizer: Any) -> None:
    """Raise AssetError for a tokenizer that knows no word: transformers makes one up of nothing."""
    if set(tokenizer("Where is it?")["input_ids"]) <= set(tokenizer.all_special_ids):
        raise AssetError(
            f"{folder}: its tokenizer knows no words",
            hint="Copy the model again, with tokenizer.json or its list of words.",
        )


def numbers(folder: Path, found: Vectors) -> Vectors:
    """What a model gave; raises AssetError where that is no number."""
    if not np.isfinite(found).all():
        raise AssetError(f"{folder}: its weights give no numbers for a text")
    return found


def loaded(folder: Path, load: Callable[[Path], Any]) -> Any:
    """Load a model from its folder; raises AssetError of one line for all that may go wrong."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load(folder)
    except RealignError:
        raise
    except Exception as error:  # every library underneath has its own; one line is what helps
        raise AssetError(f"cannot load the model in {folder}: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """The first line of what an error says, else its name."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def static_weights(folder: Path) -> Vectors | None:
    """The matrix of a model2vec folder (beside it a tokenizer); None if this is something else."""
    if (folder / "modules.json").is_file() or not (folder / "model.safetensors").is_file():
        return None
    from safetensors import safe_open

    with safe_open(str(folder / "model.safetensors"), framework="numpy") as file:
        if "embeddings" not in file.keys():  # noqa: SIM118  (no mapping)
            return None
        return np.asarray(file.get_tensor("embeddings"), dtype=np.float32)
