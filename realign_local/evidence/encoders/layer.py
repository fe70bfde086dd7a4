"""What a BERT layer is made of, for those who compute it: linear maps and the products of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

Product = Callable[[Any], Any]
Addition = Callable[[Any, Any], Any]
"""(x, y) to x W + b + y; y may be used up."""


class Linear(NamedTuple):
    """x W + b; the weight has the shape (outputs, inputs)."""

    weight: Any
    bias: Any

    def scaled(self, factor: Any, *, plus: float) -> Linear:
        """The same map with each output times its factor, plus a constant."""
        return Linear(self.weight * factor[:, None], self.bias * factor + plus)


@dataclass(frozen=True, slots=True)
class Layer:
    """The four products of a layer; `up` includes GELU."""

    qkv: Product
    out: Addition
    up: Product
    down: Addition


def linears(layer: Any) -> dict[str, Linear]:
    """The linear maps of a BertLayer by the names used here."""
    heads, output = layer.attention.self, layer.attention.output
    found = {name: getattr(heads, name) for name in ("query", "key", "value")}
    found |= {"out": output.dense, "up": layer.intermediate.dense, "down": layer.output.dense}
    return {name: Linear(part.weight, part.bias) for name, part in found.items()}
