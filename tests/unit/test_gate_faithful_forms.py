"""All gates together: faithful rewrites in other forms pass, and fail with a damage in them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realign_local.gates import Case, first_failure, judge

TABLE = tomllib.loads(Path(__file__).with_name("faithful_forms.toml").read_text(encoding="utf-8"))
ENTRIES = [(kind, entry) for kind, entries in TABLE.items() for entry in entries]


def failure(entry: dict[str, Any], rewritten: str) -> str:
    """What the gates say of the rewrite; "" if they let it pass."""
    found = first_failure(judge(Case(entry["asked"], entry["original"], rewritten)))
    return f"{found[0]}: {found[1].detail} {found[1].span}" if found else ""


def _damages() -> Iterator[tuple[str, dict[str, Any], str, str]]:
    for kind, entry in ENTRIES:
        for old, new in entry["damages"]:
            yield kind, entry, old, new


@pytest.mark.parametrize(("kind", "entry"), ENTRIES)
def test_what_changes_only_the_form_passes(kind: str, entry: dict[str, Any]) -> None:
    assert not failure(entry, entry["rewritten"]), kind


@pytest.mark.parametrize(("kind", "entry", "old", "new"), list(_damages()))
def test_the_same_with_a_damage_fails(kind: str, entry: dict[str, Any], old: str, new: str) -> None:
    assert old in entry["rewritten"], kind
    assert failure(entry, entry["rewritten"].replace(old, new)), kind
