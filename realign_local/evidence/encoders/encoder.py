"""Texts to unit vectors, and pairs to scores, by sentence-transformers and model2vec folders."""

from __future__ import annotations

import contextlib
import copy
import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from realign_local.base.config import go_offline
from realign_local.base.errors import AssetError
from realign_local.base.machine import wait_briefly
from realign_local.base.untrusted import as_utf8
from realign_local.evidence.encoders import complete, on_card
from realign_local.evidence.encoders.batching import (
    Vectors,
    ahead,
    alike,
    batch_size,
    batches_of,
    lanes,
    unit,
)
from realign_local.evidence.encoders.lean import LeanBert, lean_bert
from realign_local.evidence.encoders.packed import PackedBert, Ranges, is_bert, keep_layers
from realign_local.evidence.encoders.tokens import TokenCounter, max_tokens_of
from realign_local.evidence.manifest import sha256_of_folder

log = logging.getLogger(__name__)
Role = Literal["query", "document"]
Precision = Literal["float32", "bfloat16", "int8"]
Forward = Callable[[dict[str, Any]], dict[str, Any]]
FEW_TOKENS = 64  # a short query: sharing it among threads takes longer than doing it
HASHED_SUFFIXES = (".safetensors", ".bin", ".json", ".txt", ".model")
GAIN_ROUNDS = 2  # turn by turn, and the best of each: other programs run here too
TIMED_TEXTS = 12  # choosing takes about three seconds with these
LEAST_GAIN = 1.1  # less precision costs a little accuracy, so it must pay
OFFLINE = {"local_files_only": True, "trust_remote_code": False}
HOPELESS = 1.5  # times as slow as float32: not measured a second time
ENCODER_HINT = "Give the folder of a sentence-transformers model."
RERANKER_HINT = "Give the folder of a cross-encoder with one output, as sentence-transformers has."


def encoder_sha256(folder: Path) -> str:
    """Hash over the weights, configuration and tokenizer of an encoder's folder."""
    return sha256_of_folder(folder, HASHED_SUFFIXES)


class Encoder:
    """A loaded encoder; `dim` is the length of its vectors, `sha256` the hash over its folder.

    Nothing is fetched: the folder holds all, and no code of a model's own is run. `layers` are
    shares of a transformer's depth: the vectors of these layers stand side by side, and what lies
    beyond the last one is not computed. Where torch has a card of CUDA's, it computes there, unless
    `use_card` is false.
    """

    def __init__(
        self,
        folder: Path,
        *,
        threads: int | None = None,
        layers: Sequence[float] = (1.0,),
        use_card: bool = True,
    ) -> None:
        complete.check_folder(folder, "encoder", hint=ENCODER_HINT)
        go_offline()
        self.folder = folder
        self.sha256 = encoder_sha256(folder)
        self.max_tokens = max_tokens_of(folder)
        self.threads = threads or os.cpu_count() or 1
        self._torch: Any = _quiet_torch(self.threads)
        self._on_card = use_card and on_card.is_there(self._torch)
        device = on_card.loads_to(use_card, self._on_card)
        lean = None if self._on_card else lean_bert(self._torch, folder, device=device)
        self._model: Any = lean or _load(folder, device)
        self._on_card &= not self._static
        self._layers, self._kept = layers, keep_layers(self._model, layers)
        self._forwards: dict[Precision, Forward] = {}
        self._counter = TokenCounter(folder)
        # What the files say of lengths and poolings is first believed here.
        vector = complete.numbers(folder, complete.loaded(folder, lambda _: self._first()))
        self.dim = int(vector.shape[1])

    def __repr__(self) -> str:
        sizes = f"dim={self.dim}, max_tokens={self.max_tokens}"
        return f"Encoder({self.folder.name!r}, {sizes}, device={self.device!r})"

    @property
    def device(self) -> str:
        """Where it computes: cpu, cuda, or what else the library found."""
        return str(self._model.device.type)

    def _first(self) -> Vectors:
        """The vector of a short text, on the card if torch can use it, else on the CPU."""
        if self._on_card:
            try:
                self._model.to(on_card.DEVICE)
                return self.encode(["x"])
            except (*on_card.CANNOT, AssetError) as error:
                log.warning(f"the encoder stays on the CPU: {complete.first_line(error)}")
                self._leave_card()
        return self.encode(["x"])

    def _leave_card(self) -> None:
        self._on_card = False
        self._forwards.clear()
        self._model.to("cpu")

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, without the special ones."""
        return self._counter(text)

    def encode(
        self,
        texts: Sequence[str],
        *,
        role: Role | None = None,
        precision: Precision = "float32",
        batch_tokens: int | None = None,
        report: Callable[[int], None] | None = None,
    ) -> Vectors:
        """Unit vectors of the texts, shape (len(texts), dim), float32.

        Batches are made of texts of like length, so that little is spent on padding; the result is
        in the order of the texts. `report` hears how many texts are done. `role` adds the prompt
        that the encoder's own settings have for queries or documents. A text beyond `max_tokens`
        is read up to there. For int8, `calibrate` comes first.
        """
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        texts = [as_utf8(text) for text in texts]
        prompt = str((getattr(self._model, "prompts", None) or {}).get(role) or "")
        lengths = [self._counter(text) for text in texts]
        forward = self._forward_in(precision)
        few = sum(min(n, self.max_tokens) for n in lengths) <= FEW_TOKENS
        usual, most = batch_size(static=self._static, on_card=self._on_card)
        batches = batches_of(lengths, batch_tokens or usual, self.max_tokens, most)
        work = ([prompt + texts[i] for i in batch] for batch in batches)
        rows: list[Any] = [None] * len(texts)
        done = 0
        most = len(batches) if self._is_here else 1
        with lanes(self._torch, 1 if few else self.threads, most) as run_each:
            found = run_each(*self._steps(forward, work))
            for batch, vectors in zip(batches, found, strict=True):
                for i, vector in zip(batch, vectors, strict=True):
                    rows[i] = vector
                done += len(batch)
                if report:
                    report(done)
        if self._on_card and len(batches) > 1:  # the language model comes next, in its own process
            self._torch.cuda.empty_cache()
        return unit(np.stack(rows))

    def encode_plainly(self, texts: Sequence[str]) -> Vectors:
        """The library's own `encode` with its defaults, to measure against."""
        self._know_all()
        self._torch.set_num_threads(self.threads)
        found: Vectors = self._model.encode(
            [as_utf8(text) for text in texts], normalize_embeddings=True, show_progress_bar=False
        )
        return found

    def _steps(
        self, forward: Forward, work: Iterator[list[str]]
    ) -> tuple[Callable[[Any], Vectors], Iterator[Any]]:
        """What the lanes do, and with what: a static model's work is nearly all in the tokens.

        The tokenizer of a transformer may not be used by several threads at once.
        """
        if self._static:
            return (lambda texts: self._run(forward, self._features(texts))), work
        features = map(self._features, work)
        run = partial(self._run, forward)
        if self._on_card:
            return partial(on_card.in_parts, self._torch, run), ahead(features)
        return run, features

    def _features(self, texts: list[str]) -> dict[str, Any]:
        """Tokens of a batch, padded."""
        preprocess = getattr(self._model, "preprocess", None) or self._model.tokenize
        found = preprocess(texts)
        return {k: v.to(self._model.device) if hasattr(v, "to") else v for k, v in found.items()}

    def _run(self, forward: Forward, features: dict[str, Any]) -> Vectors:
        with complete.every_token_known(self.folder), self._torch.inference_mode():
            out: Vectors = forward(features)["sentence_embedding"].float().cpu().numpy()
        return out

    def _forward_in(self, precision: Precision) -> Forward:
        """How features become vectors in this precision; made once, then kept."""
        if precision not in self._forwards:
            if precision == "int8":
                raise ValueError("calibrate() comes before int8")
            dtype = getattr(self._torch, precision)
            self._forwards[precision] = self._packed(dtype=dtype) or self._plain(dtype)
        return self._forwards[precision]

    def _know_all(self) -> None:
        """Have the library's own model, for what ours cannot do."""
        if isinstance(self._model, LeanBert):
            self._model = _load(self.folder, "cpu")
            keep_layers(self._model, self._layers)

    def _plain(self, dtype: Any) -> Forward:
        self._know_all()
        if self._kept:
            model = copy.deepcopy(self._model[0].auto_model).to(dtype)
            return partial(self._through_layers, model)
        if dtype == self._torch.float32 or self._static:
            return self._model  # type: ignore[no-any-return]
        return copy.deepcopy(self._model).to(dtype)  # type: ignore[no-any-return]

    def _through_layers(self, model: Any, features: dict[str, Any]) -> dict[str, Any]:
        found = model(
            input_ids=features["input_ids"],
            attention_mask=features["attention_mask"],
            output_hidden_states=True,
        ).hidden_states
        features["token_embeddings"] = self._torch.cat([found[n] for n in self._kept], dim=-1)
        return self._pooled(features)

    def _packed(self, **options: Any) -> Callable[..., dict[str, Any]] | None:
        """The way without padding, for a BERT on a CPU whose PyTorch has what it takes."""
        bert = getattr(self._model[0], "auto_model", None)
        if not self._is_here or not is_bert(bert):
            return None
        with contextlib.suppress(AttributeError, RuntimeError), self._torch.inference_mode():
            model = PackedBert(self._torch, bert, kept=self._kept, **options)
            model(self._torch.tensor([0, 1]), [2])
            return partial(self._through_packed, model)
        return None  # an operator is missing in this PyTorch or on this CPU

    def _through_packed(
        self, model: PackedBert, features: dict[str, Any], watch: Any = None
    ) -> dict[str, Any]:
        mask = features["attention_mask"].bool()
        vectors = model(features["input_ids"][mask], mask.sum(1).tolist(), watch)
        padded = vectors.new_zeros((*mask.shape, vectors.shape[1]))
        padded[mask] = vectors
        features["token_embeddings"] = padded
        return self._pooled(features)

    def _pooled(self, features: dict[str, Any]) -> dict[str, Any]:
        for module in list(self._model)[1:]:
            features = module(features)
        return features

    @property
    def _is_here(self) -> bool:
        """Whether the CPU computes, with what was made for it."""
        return not self._on_card and self.device == "cpu"

    @property
    def _static(self) -> bool:
        if isinstance(self._model, LeanBert):
            return False
        return not any("Attention" in type(m).__name__ for m in self._model.modules())

    def calibrate(self, texts: Sequence[str]) -> bool:
        """Make int8 ready from the ranges seen in these texts; False where it cannot be had.

        The same texts give the same scales, and so the same vectors. Only a CPU has int8: an index
        that was begun with it is finished there.
        """
        if self._on_card:
            self._leave_card()
        ranges, plain = Ranges(self._torch), self._packed(dtype=self._torch.float32)
        if plain is None or not self._torch.backends.mkldnn.is_available():
            return False
        self._run(partial(plain, watch=ranges), self._features([*map(as_utf8, texts)]))
        found = self._packed(ranges=ranges)
        if found is not None:
            self._forwards["int8"] = found
        return found is not None

    def fastest(self, texts: Sequence[str]) -> Precision:
        """The precision in which these texts are encoded fastest here, measured turn by turn.

        One that is not clearly faster than float32, or whose vectors differ, is left out. A card
        is not measured: bfloat16 is the faster one there, but shows it in large batches only.
        """
        if self._on_card:
            texts = texts[:TIMED_TEXTS]
            found = alike(self.encode(texts, precision="bfloat16"), self.encode(texts))
            return "bfloat16" if found and on_card.has_bfloat16(self._torch) else "float32"
        choices: list[Precision] = ["float32"]
        if not self._static:
            choices += ["bfloat16"]
        if self.calibrate(texts):
            choices += ["int8"]
        texts = texts[:TIMED_TEXTS]
        exact = self.encode(texts)
        seconds = {choice: float("inf") for choice in choices}
        for _ in range(GAIN_ROUNDS if len(choices) > 1 else 0):
            for choice in tuple(choices):
                self.encode(texts[:1], precision=choice)  # the first call prepares the weights
                start = time.perf_counter()
                vectors = self.encode(texts, precision=choice)
                seconds[choice] = min(seconds[choice], time.perf_counter() - start)
                slow = seconds[choice] > HOPELESS * seconds["float32"]
                if slow or not alike(vectors, exact):
                    choices.remove(choice)
        best = min(choices, key=seconds.__getitem__)
        return best if seconds[best] * LEAST_GAIN <= seconds["float32"] else "float32"


class Reranker:
    """A cross-encoder: reads a question and a passage together, slower than all else here."""

    def __init__(self, folder: Path, *, threads: int | None = None, use_card: bool = True) -> None:
        complete.check_folder(folder, "re-ranker", hint=RERANKER_HINT)
        go_offline()
        self._folder, self._threads = folder, threads or os.cpu_count() or 1
        self._torch: Any = _quiet_torch(self._threads)
        there = use_card and on_card.is_there(self._torch)
        device = on_card.DEVICE if there else on_card.loads_to(use_card, there)
        _quiet_library()
        self._model = complete.loaded(folder, partial(_load_cross_encoder, device=device))
        if self._model.num_labels != 1:
            labels = f"must give one score a pair, was: {self._model.num_labels}"
            raise AssetError(f"{folder}: {labels}", hint=RERANKER_HINT)
        complete.refuse_wordless(folder, self._model.tokenizer)
        self.scores("Where is it?", ["There."])

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """For each text how well it answers the query, by the model's own activation.

        Raises AssetError where weights and tokenizer turn out not to belong together.
        """
        if not texts:
            return []
        self._torch.set_num_threads(self._threads)
        pairs = [(as_utf8(query), as_utf8(text)) for text in texts]
        with complete.every_token_known(self._folder), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = self._model.predict(pairs, show_progress_bar=False)
        return [float(score) for score in complete.numbers(self._folder, found)]


def _quiet_torch(threads: int) -> Any:
    wait_briefly()
    import torch

    torch.set_num_threads(threads)
    return torch


def _quiet_library() -> None:
    from transformers.utils import logging

    quiet: Any = logging  # has no types
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()


def _load(folder: Path, device: str | None = None) -> Any:
    """The model in evaluation mode."""
    _quiet_library()
    load = partial(_load_transformer, device=device)
    return complete.loaded(folder, lambda path: _load_static(path) or load(path)).eval()


def _load_transformer(folder: Path, device: str | None) -> Any:
    from sentence_transformers import SentenceTransformer

    with complete.every_weight_loaded(folder, unused=complete.UNUSED):
        return SentenceTransformer(str(folder), device=device, **OFFLINE)


def _load_cross_encoder(folder: Path, device: str | None) -> Any:
    from sentence_transformers import CrossEncoder

    with complete.every_weight_loaded(folder):
        return CrossEncoder(str(folder), device=device, **OFFLINE)


def _load_static(folder: Path) -> Any:
    if (weights := complete.static_weights(folder)) is None:
        return None
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    if len(weights) < (words := tokenizer.get_vocab_size()):
        raise AssetError(f"{folder}: {len(weights)} vectors for the {words} words of its tokenizer")
    return SentenceTransformer(
        modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu"
    )
