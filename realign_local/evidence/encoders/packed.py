"""BERT without padding: texts lie one behind the other, so that no token is computed for nothing.

The arithmetic is that of transformers' BertModel. What differs is the order of the work: one
matrix product for query, key and value, the bias and GELU inside the product, attention for texts
of one length together. In int8 the products run on VNNI, several
times as fast as float32 (benchmarks/LOG.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from realign_local.evidence.encoders.int8 import Int8
from realign_local.evidence.encoders.layer import Layer, Linear, Product, linears

ROWS_EXPECTED = 1024  # the products are laid out for about so many tokens at once

Watcher = Callable[[tuple[int, str], Any], None]


def is_bert(model: Any) -> bool:
    """Whether this transformer is one whose layers `PackedBert` computes."""
    config = getattr(model, "config", None)
    is_known = type(model).__name__ == "BertModel" or getattr(config, "is_lean", False)
    usual = is_known and getattr(config, "hidden_act", "") == "gelu"
    kind = getattr(config, "position_embedding_type", None) or "absolute"
    return usual and kind == "absolute" and not getattr(config, "is_decoder", False)


@dataclass(slots=True)
class Ranges:
    """The least and the largest value seen in each channel of each product's input."""

    torch: Any
    seen: dict[tuple[int, str], tuple[Any, Any]] = field(default_factory=dict)

    def __call__(self, place: tuple[int, str], inputs: Any) -> None:
        low, high = inputs.amin(0), inputs.amax(0)
        before = self.seen.get(place, (low, high))
        self.seen[place] = (
            self.torch.minimum(low, before[0]),
            self.torch.maximum(high, before[1]),
        )

    def of_layer(self, number: int) -> dict[str, tuple[Any, Any]]:
        """Those of one layer by the name of the product."""
        return {name: both for (layer, name), both in self.seen.items() if layer == number}


def keep_layers(model: Any, shares: Sequence[float]) -> tuple[int, ...]:
    """Drop a transformer's layers beyond the last share; the numbers of several that are wanted.

    None are said of the last layer alone, which needs no gathering, and of a static model.
    """
    transformer = getattr(getattr(model[0], "auto_model", None), "encoder", None)
    layers = getattr(transformer, "layer", None)
    if transformer is None or layers is None:
        return ()
    kept = tuple(max(1, round(share * len(layers))) for share in shares)
    transformer.layer = layers[: max(kept)]
    return kept if len(kept) > 1 else ()


class PackedBert:
    """A BertModel's layers over packed tokens; `torch` is handed over by the encoder's file.

    With `ranges`, products are computed in int8; else in `dtype`.
    """

    def __init__(
        self,
        torch: Any,
        bert: Any,
        *,
        kept: Sequence[int] = (),
        dtype: Any = None,
        ranges: Ranges | None = None,
    ) -> None:
        self._torch, self._embeddings = torch, bert.embeddings
        self._heads = int(bert.config.num_attention_heads)
        self._dtype = dtype or torch.float32
        self._ranges = ranges
        self._kept = kept
        self._layers = [self._layer(n, layer) for n, layer in enumerate(bert.encoder.layer)]
        self._norms = [
            (layer.attention.output.LayerNorm, layer.output.LayerNorm)
            for layer in bert.encoder.layer
        ]

    def __call__(self, ids: Any, lengths: Sequence[int], watch: Watcher | None = None) -> Any:
        """Vectors of the tokens, shape (tokens, dim); `ids` are those of all texts in a row.

        With layers that are `kept`, theirs side by side: (tokens, dim times their number).
        """
        x = self._embedded(ids, lengths)
        states = [x]
        for number, (layer, norms) in enumerate(zip(self._layers, self._norms, strict=True)):
            see = (lambda name, value, n=number: watch((n, name), value)) if watch else _ignore
            see("qkv", x)
            attended = self._attention(layer.qkv(x), lengths)
            see("out", attended)
            x = norms[0](layer.out(attended, x))
            see("up", x)
            inner = layer.up(x)
            see("down", inner)
            x = norms[1](layer.down(inner, x))
            if self._kept:
                states.append(x)
        return self._torch.cat([states[n] for n in self._kept], dim=1) if self._kept else x

    def _embedded(self, ids: Any, lengths: Sequence[int]) -> Any:
        torch, parts = self._torch, self._embeddings
        places = torch.cat([torch.arange(n) for n in lengths])
        x = parts.word_embeddings(ids) + parts.position_embeddings(places)
        return parts.LayerNorm(x + parts.token_type_embeddings.weight[0])

    def _attention(self, qkv: Any, lengths: Sequence[int]) -> Any:
        """Each text attends to itself only. Shape (tokens, 3 dim) to (tokens, dim)."""
        torch, dim = self._torch, qkv.shape[1] // 3
        out = torch.empty((qkv.shape[0], dim), dtype=qkv.dtype)
        attend = torch.nn.functional.scaled_dot_product_attention
        for start, stop, count in _runs(lengths):
            some = qkv[start:stop].view(count, -1, 3, self._heads, dim // self._heads)
            found = attend(*some.permute(2, 0, 3, 1, 4))
            out[start:stop] = found.transpose(1, 2).reshape(-1, dim)
        return out

    def _layer(self, number: int, layer: Any) -> Layer:
        parts = linears(layer)
        if self._ranges is not None:
            return Int8(self._torch).layer(parts, self._ranges.of_layer(number))
        heads = [parts[name] for name in ("query", "key", "value")]
        out, down = self._product(parts["out"]), self._product(parts["down"])
        return Layer(
            qkv=self._product(Linear(*(self._torch.cat(p) for p in zip(*heads, strict=True)))),
            out=lambda x, onto: out(x).add_(onto),
            up=self._product(parts["up"], gelu=True),
            down=lambda x, onto: down(x).add_(onto),
        )

    def _product(self, part: Linear, *, gelu: bool = False) -> Product:
        """x to gelu(x W + b) as float32, computed in the chosen type."""
        mkldnn, dtype = self._torch.ops.mkldnn, self._dtype
        ready = mkldnn._reorder_linear_weight(part.weight.to(dtype), ROWS_EXPECTED)
        multiply, b = mkldnn._linear_pointwise, part.bias.to(dtype)
        after: tuple[Any, ...] = ("gelu", [], "none") if gelu else ("none", [], "")
        return lambda x: multiply(x.to(dtype), ready, b, *after).float()


def _ignore(_name: str, _value: Any) -> None:
    return None


def _runs(lengths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(first token, end, texts) of each run of texts of one length."""
    start = 0
    for length, same in groupby(lengths):
        count = len(list(same))
        yield start, start + count * length, count
        start += count * length
