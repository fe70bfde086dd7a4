"""What the numbers gate compares: a number with its unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is compared: `value` canonical, `unit` canonical or "", `raw` as written."""

    value: str
    unit: str
    raw: str
    start: int
    end: int
    spelled: bool = False
