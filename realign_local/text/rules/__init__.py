"""Rules that are words and patterns, as data: one TOML file a subject, read by its name."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def rules(name: str) -> dict[str, Any]:
    """The table `name`.toml, such as "units" or "tidy/lists"; the same object at every call."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
