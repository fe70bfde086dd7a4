"""The products of a BERT layer in int8: weights with a scale a row, activations as bytes.

All scales are fixed beforehand, from the ranges seen in some texts, so what a text becomes does not
depend on its neighbours. Activations are unsigned, as signed ones fall back to a routine that is
hopelessly slow. What it gains, and at what cost in accuracy: benchmarks/LOG.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realign_local.evidence.encoders.layer import Layer, Linear, Product

SMOOTHING = 0.75
"""Share of an outlying channel's size that the weights take over (SmoothQuant, arXiv 2211.10438,
equation 4). From 0.5 to 0.85 the vectors are equally near to those in float32 (cosine 0.9965)."""
LARGEST, BYTE = 127, 255
HALF = 0.5  # what is cut to a whole number afterwards is rounded by this
LOWEST_GELU = -0.17  # GELU gives nothing below


@dataclass(frozen=True, slots=True)
class _Bytes:
    """What a byte stands for: (byte - zero) * scale."""

    scale: float
    zero: int

    @classmethod
    def between(cls, low: float, high: float) -> _Bytes:
        """The finest bytes that hold zero and all from `low` to `high`."""
        scale = max(max(high, 0.0) - min(low, 0.0), 1e-12) / BYTE
        return cls(scale, round(-min(low, 0.0) / scale))


@dataclass(frozen=True, slots=True)
class Int8:
    """Makes layers; `torch` is handed over by the encoder's file."""

    torch: Any

    def layer(self, parts: Mapping[str, Linear], ranges: Mapping[str, tuple[Any, Any]]) -> Layer:
        """The products of a layer, from the least and largest of each channel of their inputs.

        The quantization of two of the four inputs is taken over by what makes them. Attention
        is a mean of values, so values may be scaled and shifted beforehand; and the product
        before the last one can give bytes itself.
        """
        smooth, given = self._smoothing(ranges["out"], parts["out"].weight)
        value = parts["value"].scaled(1 / (smooth * given.scale), plus=given.zero + HALF)
        heads = [parts["query"], parts["key"], value]
        qkv = Linear(*(self.torch.cat(p) for p in zip(*heads, strict=True)))
        added = self._added(Linear(parts["out"].weight * smooth, parts["out"].bias), given)
        inner = _Bytes.between(LOWEST_GELU, float(ranges["down"][1].max()))
        return Layer(
            qkv=self._product(qkv, ranges["qkv"]),
            out=lambda x, onto: added(self._bytes(x), onto),
            up=self._product(parts["up"], ranges["up"], gives=inner),
            down=self._added(parts["down"], inner),
        )

    def _smoothing(self, seen: tuple[Any, Any], weight: Any) -> tuple[Any, _Bytes]:
        """What each channel is divided by, and the bytes that hold all channels after that."""
        low, high = seen
        largest = self.torch.maximum(high, -low).clamp(min=1e-5)
        smooth = largest**SMOOTHING / weight.abs().amax(0).clamp(min=1e-5) ** (1 - SMOOTHING)
        return smooth, _Bytes.between(float((low / smooth).min()), float((high / smooth).max()))

    def _bytes(self, x: Any) -> Any:
        """Cut to whole numbers and to the range of a byte; x is used up.

        By way of int16, because PyTorch converts floats to uint8 one by one.
        """
        return x.clamp_(0, BYTE).to(self.torch.int16).to(self.torch.uint8)

    def _matrix(self, weight: Any) -> tuple[Any, Any, Any]:
        """Weights as oneDNN wants them, the scale of each row, and their zero points."""
        rows = weight.abs().amax(1).clamp(min=1e-12) / LARGEST
        whole = (weight / rows[:, None]).round().to(self.torch.int8)
        zeros = self.torch.zeros(len(rows), dtype=self.torch.int32)
        return self.torch.ops.onednn.qlinear_prepack(whole, None), rows, zeros

    def _product(
        self, part: Linear, seen: tuple[Any, Any], *, gives: _Bytes | None = None
    ) -> Product:
        """x W + b of floats as floats; with `gives` its GELU as bytes."""
        torch = self.torch
        smooth, given = self._smoothing(seen, part.weight)
        matrix, bias = self._matrix(part.weight * smooth), part.bias
        shrink = (1 / (smooth * given.scale)).contiguous()
        zero = torch.tensor(given.zero + HALF)
        after = (
            (gives.scale, gives.zero, torch.uint8, "gelu")
            if gives
            else (1.0, 0, torch.float32, "none")
        )
        multiply = torch.ops.onednn.qlinear_pointwise
        return lambda x: multiply(
            self._bytes(torch.addcmul(zero, x, shrink)),
            given.scale, given.zero, *matrix, bias, *after, [], "none",
        )  # fmt: skip

    def _added(self, part: Linear, given: _Bytes) -> Any:
        """Bytes x and floats y to x W + b + y; y is used up."""
        matrix, bias, floats = self._matrix(part.weight), part.bias, self.torch.float32
        multiply = self.torch.ops.onednn.qlinear_pointwise.binary
        return lambda x, onto: multiply(
            x, given.scale, given.zero, *matrix, onto, bias,
            1.0, 0, floats, 1.0, 0, "sum", 1.0, "none", [], "none",
        )  # fmt: skip
