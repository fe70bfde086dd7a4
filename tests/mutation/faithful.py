"""The faithful rewrites of faithful.toml as cases."""

from __future__ import annotations

import tomllib
from pathlib import Path

from realign_local.gates import Case

FILE = Path(__file__).with_name("faithful.toml")


def faithful(group: str = "") -> list[Case]:
    """All cases, or those of one group: math, prose, freer (words change, too) or world."""
    groups = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [
        Case(pair["instruction"], pair["original"], pair["rewritten"])
        for name, pairs in groups.items()
        if group in ("", name)
        for pair in pairs
    ]
