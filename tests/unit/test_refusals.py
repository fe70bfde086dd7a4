"""The table of refusals: every entry is needed, and none takes an answer for a refusal."""

from __future__ import annotations

from typing import Any

import pytest

from realign_local.gates.talk.refusal import refusal_wordings, refuses
from realign_local.text.rules import rules

Entry = dict[str, Any]
TABLE = rules("refusals")
ENTRIES: list[Entry] = [
    entry for language, entries in TABLE.items() if language != "words" for entry in entries
]


def _seen_by(response: str) -> list[Entry]:
    text = response.lower()
    return [e for e, wording in zip(ENTRIES, refusal_wordings(), strict=True) if wording.find(text)]


@pytest.mark.parametrize(("entry", "response"), [(e, r) for e in ENTRIES for r in e["refuses"]])
def test_a_refusal_is_seen_by_its_own_entry_alone(entry: Entry, response: str) -> None:
    assert _seen_by(response) == [entry]
    assert refuses(response)
    assert refuses(response.replace("'", "’").upper())


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_near_answer_refuses_nothing(entry: Entry) -> None:
    assert entry["refuses"]
    assert not refuses(entry["answers"])
    assert set(entry) <= {"says", "unless", "refuses", "answers"}
