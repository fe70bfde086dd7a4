"""BERT without padding: texts lie one behind the other, so that no token is computed for nothing.

The arithmetic is that of transformers' BertModel. What differs is the order of the work: one
matrix product for query, key and value, the bias and GELU inside the product, attention for texts
of one length together. In int8 the products run on VNNI, about three
times as fast as float32 (benchmarks/LOG.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

ROWS_EXPECTED = 2048  # the products are laid out for about so many tokens at once
SMOOTHING = 0.75
"""Share of an outlying channel's size that the weights take over (SmoothQuant, arXiv 2211.10438,
equation 4); measured among 0.5 to 1 on passages: cosine to float32 0.997 on average."""
LARGEST = 127
ZERO_POINT = (
    128  # unsigned activations: signed ones fall back to a reference routine, hopelessly slow
)

Product = Callable[[Any], Any]
Watcher = Callable[[tuple[int, str], Any], None]


def is_bert(model: Any) -> bool:
    """Whether this transformer is one whose layers `PackedBert` computes."""
    config = getattr(model, "config", None)
    usual = type(model).__name__ == "BertModel" and getattr(config, "hidden_act", "") == "gelu"
    kind = getattr(config, "position_embedding_type", None) or "absolute"
    return usual and kind == "absolute" and not getattr(config, "is_decoder", False)


@dataclass(frozen=True, slots=True)
class _Layer:
    """The four products of a layer and its two normalisations."""

    qkv: Product
    out: Product
    up: Product
    down: Product
    after_attention: Callable[[Any], Any]
    after_all: Callable[[Any], Any]


@dataclass(slots=True)
class Ranges:
    """Largest absolute value seen in each channel of each product's input."""

    torch: Any
    seen: dict[tuple[int, str], Any] = field(default_factory=dict)

    def __call__(self, place: tuple[int, str], inputs: Any) -> None:
        most = inputs.abs().amax(0)
        known = self.seen.get(place)
        self.seen[place] = most if known is None else self.torch.maximum(known, most)


class PackedBert:
    """A BertModel's layers over packed tokens; `torch` is handed over by the encoder's file.

    With `ranges`, products are computed in int8; else in `dtype`.
    """

    def __init__(
        self, torch: Any, bert: Any, *, dtype: Any = None, ranges: Ranges | None = None
    ) -> None:
        self._torch, self._embeddings = torch, bert.embeddings
        self._heads = int(bert.config.num_attention_heads)
        self._dtype = dtype or torch.float32
        self._ranges = ranges
        self._layers = [self._layer(n, layer) for n, layer in enumerate(bert.encoder.layer)]

    def __call__(self, ids: Any, lengths: Sequence[int], watch: Watcher | None = None) -> Any:
        """Vectors of the tokens, shape (tokens, dim); `ids` are those of all texts in a row."""
        x = self._embedded(ids, lengths)
        for number, layer in enumerate(self._layers):
            see = (lambda name, value, n=number: watch((n, name), value)) if watch else _ignore
            see("qkv", x)
            attended = self._attention(layer.qkv(x), lengths)
            see("out", attended)
            x = layer.after_attention(layer.out(attended).add_(x))
            see("up", x)
            inner = layer.up(x)
            see("down", inner)
            x = layer.after_all(layer.down(inner).add_(x))
        return x

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

    def _layer(self, number: int, layer: Any) -> _Layer:
        attention, torch = layer.attention, self._torch
        heads = [getattr(attention.self, name) for name in ("query", "key", "value")]
        weight = torch.cat([head.weight for head in heads])
        bias = torch.cat([head.bias for head in heads])
        out, up, down = attention.output.dense, layer.intermediate.dense, layer.output.dense
        return _Layer(
            qkv=self._product((number, "qkv"), weight, bias),
            out=self._product((number, "out"), out.weight, out.bias),
            up=self._product((number, "up"), up.weight, up.bias, gelu=True),
            down=self._product((number, "down"), down.weight, down.bias),
            after_attention=attention.output.LayerNorm,
            after_all=layer.output.LayerNorm,
        )

    def _product(
        self, place: tuple[int, str], weight: Any, bias: Any, *, gelu: bool = False
    ) -> Product:
        if self._ranges is not None:
            largest = self._ranges.seen[place]
            return _in_int8(self._torch, weight, bias, largest=largest, gelu=gelu)
        return _in_floats(self._torch, weight, bias, dtype=self._dtype, gelu=gelu)


def _ignore(_name: str, _value: Any) -> None:
    return None


def _runs(lengths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(first token, end, texts) of each run of texts of one length."""
    start = 0
    for length, same in groupby(lengths):
        count = len(list(same))
        yield start, start + count * length, count
        start += count * length


def _in_floats(torch: Any, weight: Any, bias: Any, *, dtype: Any, gelu: bool) -> Product:
    """x to gelu(x W + b) as float32, computed in `dtype`."""
    ready = torch.ops.mkldnn._reorder_linear_weight(weight.to(dtype), ROWS_EXPECTED)
    multiply, b = torch.ops.mkldnn._linear_pointwise, bias.to(dtype)
    after: tuple[Any, ...] = ("gelu", [], "none") if gelu else ("none", [], "")
    return lambda x: multiply(x.to(dtype), ready, b, *after).float()


def _in_int8(torch: Any, weight: Any, bias: Any, *, largest: Any, gelu: bool) -> Product:
    """The same in int8: weights with a scale a row, activations with one scale after smoothing.

    The scales are fixed, so what a text becomes does not depend on its neighbours.
    """
    largest = largest.clamp(min=1e-5)
    smooth = largest**SMOOTHING / weight.abs().amax(0).clamp(min=1e-5) ** (1 - SMOOTHING)
    scale = float((largest / smooth).max()) / LARGEST
    weight = weight * smooth
    rows = weight.abs().amax(1).clamp(min=1e-12) / LARGEST
    whole = (weight / rows[:, None]).round().to(torch.int8)
    ready = torch.ops.onednn.qlinear_prepack(whole, None)
    zeros = torch.zeros(len(rows), dtype=torch.int32)
    multiply, after = torch.ops.onednn.qlinear_pointwise, "gelu" if gelu else "none"
    shrink, middle = (1 / (smooth * scale)).contiguous(), torch.tensor(ZERO_POINT + 0.5)

    def product(x: Any) -> Any:
        small = torch.addcmul(middle, x, shrink).clamp_(0, 255).to(torch.uint8)
        return multiply(
            small, scale, ZERO_POINT, ready, rows, zeros, bias, 1.0, 0, torch.float32,
            after, [], "none",
        )  # fmt: skip

    return product
