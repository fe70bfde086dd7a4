"""The products of a BERT layer in int8: weights with a scale a row, activations as bytes.

All scales are fixed beforehand, from the ranges seen in some texts, so what a text becomes does not
depend on its neighbours. Activations are unsigned, as signed ones fall back to a routine that is
hopelessly slow. What it gains, and at what cost in accuracy: benchmarks/LOG.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realign_local.evidence.layer import Layer, Linear, Product

SMOOTHING = 0.75
"""Share of an outlying channel's size that the weights take over (SmoothQuant, arXiv 2211.10438,
equation 4); measured among 0.5 to 1 on passages: cosine to float32 0.997 on average."""
LARGEST, BYTE = 127, 255
MIDDLE = 128
HALF = 0.5  # what is cut to a whole number afterwards is rounded by this
LOWEST_GELU = 0.17  # GELU gives nothing below -0.17


@dataclass(frozen=True, slots=True)
class _Bytes:
    """What a byte stands for: (byte - zero) * scale."""

    scale: float
    zero: int


@dataclass(frozen=True, slots=True)
class Int8:
    """Makes layers; `torch` is handed over by the encoder's file."""

    torch: Any

    def layer(self, parts: Mapping[str, Linear], largest: Mapping[str, Any]) -> Layer:
        """The products of a layer, from the largest value of each channel of their inputs.

        The quantization of two of the four inputs is taken over by what makes them. Attention
        is a mean of values, so values may be scaled and shifted beforehand; and the product
        before the last one can give bytes itself.
        """
        smooth, scale = self._smoothing(largest["out"], parts["out"].weight)
        value = parts["value"].scaled(1 / (smooth * scale), plus=MIDDLE + HALF)
        heads = [parts["query"], parts["key"], value]
        qkv = Linear(*(self.torch.cat(p) for p in zip(*heads, strict=True)))
        out = Linear(parts["out"].weight * smooth, parts["out"].bias)
        top = float(largest["down"].max())
        scale_down = (top + LOWEST_GELU) / BYTE
        inner = _Bytes(scale_down, round(LOWEST_GELU / scale_down))
        added = self._added(out, _Bytes(scale, MIDDLE))
        return Layer(
            qkv=self._product(qkv, largest["qkv"]),
            out=lambda x, onto: added(self._bytes(x), onto),
            up=self._product(parts["up"], largest["up"], gives=inner),
            down=self._added(parts["down"], inner),
        )

    def _smoothing(self, largest: Any, weight: Any) -> tuple[Any, float]:
        """What each channel is divided by, and the one scale of all channels after that."""
        largest = largest.clamp(min=1e-5)
        smooth = largest**SMOOTHING / weight.abs().amax(0).clamp(min=1e-5) ** (1 - SMOOTHING)
        return smooth, float((largest / smooth).max()) / LARGEST

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

    def _product(self, part: Linear, largest: Any, *, gives: _Bytes | None = None) -> Product:
        """x W + b of floats as floats; with `gives` its GELU as bytes."""
        torch = self.torch
        smooth, scale = self._smoothing(largest, part.weight)
        matrix, bias = self._matrix(part.weight * smooth), part.bias
        shrink, middle = (1 / (smooth * scale)).contiguous(), torch.tensor(MIDDLE + HALF)
        after = (
            (gives.scale, gives.zero, torch.uint8, "gelu")
            if gives
            else (1.0, 0, torch.float32, "none")
        )
        multiply = torch.ops.onednn.qlinear_pointwise
        return lambda x: multiply(
            self._bytes(torch.addcmul(middle, x, shrink)),
            scale, MIDDLE, *matrix, bias, *after, [], "none",
        )  # fmt: skip

    def _added(self, part: Linear, given: _Bytes) -> Any:
        """Bytes x and floats y to x W + b + y; y is used up."""
        matrix, bias, floats = self._matrix(part.weight), part.bias, self.torch.float32
        multiply = self.torch.ops.onednn.qlinear_pointwise.binary
        return lambda x, onto: multiply(
            x, given.scale, given.zero, *matrix, onto, bias,
            1.0, 0, floats, 1.0, 0, "sum", 1.0, "none", [], "none",
        )  # fmt: skip
