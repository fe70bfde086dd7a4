"""Tables of templates and units, in TOML, so that a new entry needs no code."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def read_table(name: str) -> dict[str, Any]:
    """The table of this name."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
