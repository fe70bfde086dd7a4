"""The interval of a share that was counted (Wilson, JASA 22, 1927), which stays within 0 and 1."""

from __future__ import annotations

import math


def wilson(hits: int, of: int, *, z: float) -> tuple[float, float]:
    """Bounds of the share behind `hits` out of `of` (more than 0), `z` standard deviations wide."""
    part, z2 = hits / of, z * z
    middle = (part + z2 / (2 * of)) / (1 + z2 / of)
    half = z * math.sqrt(part * (1 - part) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return min(part, max(0.0, middle - half)), max(part, min(1.0, middle + half))
