"""The encoder's faster ways against the library's own: the same vectors, whatever the batch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realign_local.base.assets import DEMO_ENCODER, find_encoder
from realign_local.base.errors import AssetError, UsageError
from realign_local.evidence.building import timings
from realign_local.evidence.encoders import distill
from realign_local.evidence.encoders import encoder as encoder_file
from realign_local.evidence.encoders.encoder import Encoder
from realign_local.evidence.encoders.lean import LeanBert, _settings, lean_bert
from realign_local.evidence.encoders.tokens import TokenCounter

TEXTS = [
    "The Quillon Tower is 312 metres high and was finished in 1931.",
    "Sorn cake.",
    "The marsh tarrock is a small wading bird. It feeds on snails, worms and, in winter, on seeds.",
    "It lasted from 1702 to 1709 " + "and then the peace was signed at Lund by both sides " * 12,
    "Який сьогодні день? 今日は何曜日ですか。",
    "Sorn cake!",
] * 2


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    try:
        return Encoder(find_encoder(None), threads=2)
    except AssetError:
        pytest.skip("the demo encoder is not installed")


def test_without_padding_the_vectors_are_the_librarys(encoder: Encoder) -> None:
    plain = encoder.encode_plainly(TEXTS)
    assert np.allclose(encoder.encode(TEXTS), plain, atol=1e-4)


def test_ours_is_loaded_without_the_library_and_gives_the_same_vectors(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Encoder(encoder.folder, threads=2)
    if not isinstance(ours._model, LeanBert):
        pytest.skip("this PyTorch or CPU has no products for packed tokens")
    monkeypatch.setattr(encoder_file, "lean_bert", lambda *_, **__: None)
    theirs = Encoder(encoder.folder, threads=2)
    assert not isinstance(theirs._model, LeanBert)
    texts = [*TEXTS, "  blanks around ", "\n", "Ünïcödé ÀÉ"]
    assert (ours.encode(texts) == theirs.encode(texts)).all()
    layers = (1 / 3, 2 / 3, 1.0)
    theirs = Encoder(encoder.folder, threads=2, layers=layers)
    monkeypatch.undo()
    ours = Encoder(encoder.folder, threads=2, layers=layers)
    assert (ours.encode(texts) == theirs.encode(texts)).all()


def test_int8_is_near_and_does_not_depend_on_neighbours(encoder: Encoder) -> None:
    if not encoder.calibrate(TEXTS):
        pytest.skip("this PyTorch or CPU has no int8 products")
    found = encoder.encode(TEXTS, precision="int8")
    assert np.sum(found * encoder.encode(TEXTS), axis=1).mean() > 0.99
    alone = [encoder.encode([text], precision="int8")[0] for text in TEXTS]
    assert np.allclose(found, alone, atol=1e-5)
    backwards = encoder.encode(TEXTS[::-1], precision="int8", batch_tokens=64)[::-1]
    assert np.allclose(found, backwards, atol=1e-5)


NO_SEP = {
    "type": "TemplateProcessing",
    "single": [
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
    ],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [101], "tokens": ["[CLS]"]}},
}
BEYOND = {
    "id": 30522, "content": "Quillon", "single_word": False, "lstrip": False, "rstrip": False,
    "normalized": False, "special": True,
}  # fmt: skip
LORA = {"peft_type": "LORA", "r": 8, "base_model_name_or_path": "nowhere"}
CHANGED: dict[str, tuple[str, str, Any]] = {
    "no separator": ("tokenizer.json", "post_processor", NO_SEP),
    "words by blanks": ("tokenizer.json", "pre_tokenizer", {"type": "WhitespaceSplit"}),
    "long words": ("tokenizer.json", "model.max_input_chars_per_word", 4),
    "capitals": ("tokenizer.json", "normalizer.lowercase", False),
    "a token more": ("tokenizer.json", "added_tokens", [BEYOND]),
    "another tokenizer": ("tokenizer_config.json", "tokenizer_class", "RobertaTokenizer"),
    "a shorter text": ("tokenizer_config.json", "model_max_length", 16),
    "tokens of its own": ("tokenizer_config.json", "added_tokens_decoder", {"30522": BEYOND}),
    "other words": ("vocab.txt", "", "[PAD]\n[UNK]\n"),
    "fewer words": ("config.json", "vocab_size", 100),
    "wider layers": ("config.json", "intermediate_size", 3072),
    "fewer places": ("config.json", "max_position_embeddings", 64),
    "fewer layers": ("config.json", "num_hidden_layers", 3),
    "another kind": ("config.json", "model_type", "roberta"),
    "a class of its own": ("modules.json", "0.type", "mine.Transformer"),
    "no normalizing": ("modules.json", "2.type", "sentence_transformers.models.Dropout"),
    "a shorter passage": ("sentence_bert_config.json", "max_seq_length", 8),
    "lower case": ("sentence_bert_config.json", "do_lower_case", True),
    "the first token": ("1_Pooling/config.json", "pooling_mode_cls_token", True),
    "a prompt": ("config_sentence_transformers.json", "prompts", {"query": "find: "}),
    "an adapter": ("adapter_config.json", "", json.dumps(LORA)),
}
"""What is changed: the file, the place in it, and what stands there instead."""


def _changed(encoder: Encoder, folder: Path, file: str, place: str, value: Any) -> None:
    shutil.copytree(encoder.folder, folder)
    if not place:
        (folder / file).write_text(value, encoding="utf-8")
        return
    text = json.loads((folder / file).read_text(encoding="utf-8"))
    *outer, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    inner = text
    for step in outer:
        inner = inner[step]
    inner[last] = value
    (folder / file).write_text(json.dumps(text), encoding="utf-8")


def _outcome(folder: Path) -> Any:
    try:
        return Encoder(folder, threads=2, use_card=False).encode(TEXTS[:3], role="query").tolist()
    except AssetError as error:
        return str(error)


def _is_left_to_the_library(encoder: Encoder, folder: Path, monkeypatch: Any) -> bool:
    import torch

    if lean_bert(torch, encoder.folder, device="cpu") is None:
        pytest.skip("this PyTorch or CPU has no products for packed tokens")
    found = _outcome(folder)
    monkeypatch.setattr(encoder_file, "lean_bert", lambda *_, **__: None)
    return lean_bert(torch, folder, device="cpu") is None and found == _outcome(folder)


@pytest.mark.parametrize("name", CHANGED)
def test_settings_that_were_not_compared_are_left_to_the_library(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _changed(encoder, tmp_path / "other", *CHANGED[name])
    assert _is_left_to_the_library(encoder, tmp_path / "other", monkeypatch)


def test_the_encoder_of_the_demo_is_the_one_that_was_compared(encoder: Encoder) -> None:
    if DEMO_ENCODER not in encoder.folder.parts:
        pytest.skip("another encoder is found first")
    assert _settings(encoder.folder)


def test_what_says_nothing_of_the_vectors_does_not_matter(encoder: Encoder, tmp_path: Path) -> None:
    import torch

    folder = tmp_path / "other"
    shutil.copytree(encoder.folder, folder)
    (folder / "README.md").write_text("My copy.")
    (folder / "2_Normalize").mkdir()
    is_lean = lean_bert(torch, encoder.folder, device="cpu") is not None
    assert (lean_bert(torch, folder, device="cpu") is not None) == is_lean


LAYER = "encoder.layer.2."
WEIGHTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "fewer words": lambda w: w.update(_cut(w, "embeddings.word_embeddings.weight", 1500)),
    "one narrow": lambda w: (
        w.update(_cut(w, f"{LAYER}intermediate.dense.weight", 700)),
        w.update(_cut(w, f"{LAYER}intermediate.dense.bias", 700)),
    ),
    "one short": lambda w: w.update(_cut(w, f"{LAYER}output.dense.bias", 1)),
    "one less": lambda w: w.pop(f"{LAYER}attention.self.key.bias"),
    "one more": lambda w: w.update(mine=w["embeddings.LayerNorm.bias"].clone()),
    "half as long": lambda w: w.update({name: one.half() for name, one in w.items()}),
}


def _cut(weights: dict[str, Any], name: str, rows: int) -> dict[str, Any]:
    return {name: weights[name][:rows].clone()}


@pytest.mark.parametrize("name", WEIGHTS)
def test_other_weights_are_left_to_the_library(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "other"
    shutil.copytree(encoder.folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    weights = load_file(encoder.folder / "model.safetensors")
    WEIGHTS[name](weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert _is_left_to_the_library(encoder, folder, monkeypatch)


def test_what_are_no_weights_is_told_by_the_library(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _changed(encoder, tmp_path / "other", "model.safetensors", "", "no weights")
    assert _is_left_to_the_library(encoder, tmp_path / "other", monkeypatch)


def test_a_token_without_a_vector_is_told(encoder: Encoder, tmp_path: Path) -> None:
    _changed(encoder, tmp_path / "other", "tokenizer.json", "added_tokens", [BEYOND])
    other = Encoder(tmp_path / "other", threads=2, use_card=False)
    with pytest.raises(AssetError, match="no vector for a token"):
        other.encode(TEXTS)


def test_batches_side_by_side_come_back_in_order(encoder: Encoder) -> None:
    heard: list[int] = []
    found = encoder.encode(TEXTS * 3, batch_tokens=64, report=heard.append)
    alone = [encoder.encode([text])[0] for text in TEXTS]
    assert np.allclose(found, alone * 3, atol=1e-5)
    assert heard == sorted(set(heard))
    assert heard[-1] == len(found)


def test_a_batch_that_fails_ends_the_encoding(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    def fail(_forward: object, features: dict[str, object]) -> np.ndarray:
        done.append(len(features))
        raise RuntimeError("no memory")

    monkeypatch.setattr(encoder, "_run", fail)
    with pytest.raises(RuntimeError, match="no memory"):
        encoder.encode(TEXTS * 20, batch_tokens=32)


def test_calibrating_again_gives_the_same_bytes(encoder: Encoder) -> None:
    if not encoder.calibrate(TEXTS):
        pytest.skip("this PyTorch or CPU has no int8 products")
    before = encoder.encode(TEXTS, precision="int8")
    other = Encoder(encoder.folder, threads=2)
    assert other.calibrate(TEXTS)
    assert np.array_equal(other.encode(TEXTS, precision="int8"), before)


def test_int8_without_its_scales_is_refused() -> None:
    fresh = Encoder(find_encoder(None), threads=1)
    with pytest.raises(ValueError, match="calibrate"):
        fresh.encode(["a"], precision="int8")


def test_the_fastest_way_is_one_that_can_be_used(encoder: Encoder) -> None:
    chosen = encoder.fastest(TEXTS)
    assert encoder.encode(TEXTS, precision=chosen).shape == (len(TEXTS), encoder.dim)


def test_a_static_encoder_is_the_weighted_mean_of_its_pieces(
    encoder: Encoder, tmp_path: Path
) -> None:
    tokenizer = encoder.folder / "tokenizer.json"
    pieces = distill._pieces(tokenizer)
    vectors = np.random.default_rng(0).normal(size=(len(pieces), 8)).astype(np.float32)
    weights = distill._components(vectors) * distill._rarity(len(pieces))[:, None]
    distill._save(weights.astype(np.float32), tokenizer, tmp_path / "static")
    static = Encoder(tmp_path / "static")
    expected = weights[pieces.index("tower")] + weights[pieces.index("bird")]
    assert np.allclose(static.encode(["tower bird"])[0], expected / np.linalg.norm(expected), 1e-3)
    assert np.allclose(static.encode(TEXTS, batch_tokens=16), static.encode(TEXTS), atol=1e-6)
    assert static.fastest(TEXTS) == "float32"
    with pytest.raises(UsageError, match="exists already"):
        distill.distill_static(encoder.folder, tmp_path / "static")


def test_counting_goes_on_after_more_words_than_are_remembered(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realign_local.evidence.encoders.tokens.MOST_WORDS_KNOWN", 3)
    count = TokenCounter(encoder.folder)
    expected = [encoder.count_tokens(text) for text in TEXTS]
    assert [count(text) for text in TEXTS] == expected


def test_the_benchmark_measures_all_that_it_promises(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timings, "ENCODED_PASSAGES", 16)
    pages = timings.write_pages(tmp_path / "pages.xml", [TEXTS[0], TEXTS[2], TEXTS[0], TEXTS[2]])
    found = timings.bench_index(pages, encoder.folder, sizes=[500], note=lambda _text: None)
    assert found["dump_mb_per_s_core"] > 0
    assert found["passages_per_s"] > 0
    assert found["baseline_passages_per_s"] > 0
    assert found["cosine_to_baseline"] > 0.98
    (search,) = found["search"]
    assert (search["passages"], search["recall@10"]) == (500, 1.0)


def test_half_a_character_is_read_as_a_question_mark(encoder: Encoder) -> None:
    halves, marks = ["Say \ud800 hello", "\udfff"], ["Say ? hello", "?"]
    assert [*map(encoder.count_tokens, halves)] == [*map(encoder.count_tokens, marks)]
    assert np.array_equal(encoder.encode(halves), encoder.encode(marks))
    assert encoder.encode_plainly(halves).shape == (2, encoder.dim)
