"""A BERT encoder from its folder by torch and tokenizers alone.

The libraries that know every encoder take five times as long to import as the usual one takes to
load. What this module does not know to the last setting is theirs to load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from realign_local.base.errors import RealignError
from realign_local.base.untrusted import loads
from realign_local.evidence.encoders.packed import PackedBert

USUAL = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,
}
"""What config.json must say, or leave to the default, of layers that `PackedBert` computes."""
MODULES = ("Transformer", "Pooling", "Normalize")
WEIGHTS = "model.safetensors"
LEAST_SUM = 1e-9


class LeanBert:
    """The parts of a SentenceTransformer that `Encoder` works with; on the CPU, in float32."""

    def __init__(self, torch: Any, folder: Path) -> None:
        from safetensors import safe_open

        self.device = torch.device("cpu")
        self.prompts = _json(folder / "config_sentence_transformers.json").get("prompts") or {}
        self._torch = torch
        self._tokenizer = _tokenizer(folder)
        with safe_open(str(folder / WEIGHTS), framework="pt") as file:
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if any(one.dtype != torch.float32 for name, one in weights.items() if "_ids" not in name):
            raise ValueError("weights of another type")
        bert = _bert(torch, _json(folder / "config.json"), weights)
        self._parts = [
            SimpleNamespace(auto_model=bert),
            partial(_mean, torch),
            *([partial(_unit, torch)] if len(_modules(folder)) == len(MODULES) else []),
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
    """The encoder in that folder; None where it is another kind, or does not go to the CPU.

    Whatever goes wrong here is for the library to find and to tell.
    """
    if device != "cpu" and _has_other_devices(torch):
        return None
    try:
        return LeanBert(torch, folder) if _is_usual(folder) else None
    except RealignError:  # such as a stop
        raise
    except Exception:  # each library underneath has its own
        return None


def _has_other_devices(torch: Any) -> bool:
    """Whether the library might choose another one than the CPU, as far as torch can tell."""
    known = getattr(torch, "accelerator", None)
    return known is None or bool(known.is_available())


def _is_usual(folder: Path) -> bool:
    config, around = _json(folder / "config.json"), _json(folder / "sentence_bert_config.json")
    pooling = _json(folder / "1_Pooling" / "config.json")
    modes = {name for name, is_on in pooling.items() if name.startswith("pooling_mode") and is_on}
    return (
        _modules(folder) in (MODULES, MODULES[:2])
        and all(config.get(name, value) == value for name, value in USUAL.items())
        and "hidden_act" in config
        and modes == {"pooling_mode_mean_tokens"}
        and set(around) <= {"max_seq_length", "do_lower_case"}
        and not around.get("do_lower_case")
        and isinstance(around.get("max_seq_length"), int)
        and _normalizes_as_told(folder)
    )


def _modules(folder: Path) -> tuple[str, ...]:
    """The kinds of modules, where they lie in the usual places."""
    found: Any = loads((folder / "modules.json").read_text(encoding="utf-8"))
    paths = [one["path"] for one in found]
    kinds = tuple(one["type"].rpartition(".")[2] for one in found)
    return kinds if paths[:2] == ["", "1_Pooling"] else ()


def _normalizes_as_told(folder: Path) -> bool:
    """Whether the tokenizer's own file says what its configuration would make of it."""
    told = _json(folder / "tokenizer_config.json")
    own = _json(folder / "tokenizer.json").get("normalizer") or {}
    pairs = (
        ("do_lower_case", "lowercase"),
        ("strip_accents", "strip_accents"),
        ("tokenize_chinese_chars", "handle_chinese_chars"),
    )
    is_same = all(told[name] == own.get(key) for name, key in pairs if name in told)
    return own.get("type") == "BertNormalizer" and is_same


def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    around = _json(folder / "sentence_bert_config.json")
    model_max = _json(folder / "tokenizer_config.json").get("model_max_length", 1 << 30)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_length=min(around["max_seq_length"], model_max))
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id("[PAD]"), pad_token="[PAD]")
    return tokenizer


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
        config=SimpleNamespace(**{**USUAL, **config, "is_lean": True}),
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


def _json(path: Path) -> dict[str, Any]:
    """The object in a file; an empty one where there is no such file."""
    if not path.is_file():
        return {}
    found = loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds no object")
    return found
