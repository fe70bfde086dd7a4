"""All gates together: faithful rewrites in other forms pass, and fail with a damage in them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realign_local.gates import Case, first_failure, judge
from realign_local.text.beside import name_cases, turned_tables
from realign_local.text.equal import accents

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


@pytest.mark.parametrize("entry", name_cases.data()["examples"])
def test_the_examples_are_cases_of_one_name(entry: dict[str, str]) -> None:
    assert name_cases.are_cases(entry["one"], entry["other"], entry["language"])


@pytest.mark.parametrize("entry", name_cases.data()["counters"])
def test_the_counter_examples_are_two_names(entry: dict[str, str]) -> None:
    assert not name_cases.are_cases(entry["one"], entry["other"], entry["language"])


def test_a_table_is_turned_as_the_sentences_go() -> None:
    told = "Tea has 2 cups and 5 spoons. Soup has 3 cups and 4 spoons."
    by_columns = "| | Tea | Soup |\n|---|---|---|\n| Cups | 2 | 3 |\n| Spoons | 5 | 4 |"
    by_rows = "| | Cups | Spoons |\n|---|---|---|\n| Tea | 2 | 5 |\n| Soup | 3 | 4 |"
    assert turned_tables.turned(by_columns, told) == by_rows
    assert turned_tables.turned(by_rows, told) == by_rows
    assert turned_tables.turned(by_columns, by_rows) == by_columns


def test_heads_are_read_with_each_cell() -> None:
    table = "| Rope (10 m) | Weight (kg) | Price in € |\n|---|---|---|\n| Hemp | 2 | 15 |"
    told = turned_tables.told(table, "Ten metres of hemp have a weight of 2 kg.")
    assert told == "| Rope (10 m) Hemp | Weight 2 kg | 15 € |"


@pytest.mark.parametrize(
    ("original", "rewritten", "umlauts", "meant"),
    [
        ("o cafe e otimo", "O café é ótimo.", True, "o café é ótimo"),
        ("Zolw je lisc", "Żółw je liść.", True, "Żółw je liść"),
        ("Ayer hablo", "Ayer habló", True, "Ayer hablo"),
        ("o café e otimo", "O café é ótimo.", True, "o café e otimo"),
        ("wurde konnte", "würde könnte", False, "wurde konnte"),
    ],
)
def test_accents_are_put_in_where_there_were_none(
    original: str, rewritten: str, umlauts: bool, meant: str
) -> None:
    assert accents.mended(original, rewritten, umlauts=umlauts) == meant
