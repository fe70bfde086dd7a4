"""The faithful rewrites of faithful.toml and edited.toml as cases."""

from __future__ import annotations

import tomllib
from pathlib import Path

from realign_local.gates import Case

HERE = Path(__file__).parent
BY_RULE, EDITED = HERE / "faithful.toml", HERE / "edited.toml"


def faithful(group: str = "", *, file: Path = BY_RULE) -> list[Case]:
    """All cases, or those of one group: math, prose, freer (words change, too), world or code."""
    groups = tomllib.loads(file.read_text(encoding="utf-8"))
    return [
        Case(pair["instruction"], pair["original"], pair["rewritten"])
        for name, pairs in groups.items()
        if group in ("", name)
        for pair in pairs
    ]
