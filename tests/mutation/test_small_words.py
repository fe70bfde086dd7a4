"""Small words that carry meaning: exchanged, lost or added they are seen, and look-alikes pass."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from realign_local.gates import Case, first_failure, judge
from tests.mutation.small_words import FOLDER, SmallRates, rows

LANGUAGES = sorted(file.stem for file in FOLDER.glob("*.toml"))
ALIKE = tomllib.loads((Path(__file__).parent / "small_alike.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_words_of_each_language(language: str) -> None:
    rates = SmallRates()
    for row in rows((language,)):
        rates.add(row, failed=first_failure(judge(row.case)) is not None)
    assert rates.caught["all"] >= 0.97 * rates.tried["all"]
    assert rates.alarms["all"] <= 0.03 * rates.kept["all"]


@pytest.mark.parametrize("kind", ALIKE)
def test_what_looks_as_if_a_small_word_had_changed(kind: str) -> None:
    for row in ALIKE[kind]:
        case = Case(row["asked"], row["original"], row["rewritten"])
        assert first_failure(judge(case)) is None, row["rewritten"]
        for old, new in row["damages"]:
            assert old in row["rewritten"]
            damaged = row["rewritten"].replace(old, new)
            assert first_failure(judge(Case(row["asked"], row["original"], damaged))), (old, new)
