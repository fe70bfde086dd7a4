"""The table of demands on the form: every entry is needed, and none goes too far."""

from __future__ import annotations

import time
from typing import Any

import pytest

from realign_local.rewriting.demands import demand_wordings, form_demand, form_shown, looked_at
from realign_local.text.rules import rules

Entry = dict[str, Any]
ENTRIES = {
    table: [(kind, entry) for kind, entries in rules("demands")[table].items() for entry in entries]
    for table in ("demand", "code")
}
ALL = [(table, kind, entry) for table, entries in ENTRIES.items() for kind, entry in entries]


def _seen_by(request: str, table: str) -> list[Entry]:
    text = looked_at(request, for_code=table == "code")
    return [
        entry
        for (_, entry), (_, wording) in zip(ENTRIES[table], demand_wordings(table), strict=True)
        if wording.find(text)
    ]


@pytest.mark.parametrize(
    ("table", "kind", "entry", "asking"), [(*each, a) for each in ALL for a in each[2]["asks"]]
)
def test_what_an_entry_is_for_is_seen_by_it_alone(
    table: str, kind: str, entry: Entry, asking: str
) -> None:
    assert _seen_by(asking, table) == [entry]
    assert form_demand(asking, for_code=table == "code") == kind


@pytest.mark.parametrize(("table", "entry"), [(table, entry) for table, _, entry in ALL])
def test_a_near_request_that_leaves_the_form_open(table: str, entry: Entry) -> None:
    assert _seen_by(entry["leaves"], table) == []
    assert not form_demand(entry["leaves"], for_code=table == "code")


@pytest.mark.parametrize("entry", [entry for _, _, entry in ALL])
def test_an_entry_is_whole(entry: Entry) -> None:
    assert entry["asks"]
    assert ("says" in entry) != ("pattern" in entry)
    assert set(entry) <= {"says", "pattern", "signs", "unless", "asks", "leaves"}


def test_where_no_sign_is_nothing_would_be_found() -> None:
    for table in ENTRIES:
        texts = [looked_at(a, for_code=False) for *_, entry in ALL for a in entry["asks"]]
        for _, wording in demand_wordings(table):
            for text in texts:
                assert bool(wording.find(text)) == bool(wording.regex.search(text))


def test_a_list_of_words_has_no_word_twice_and_is_used() -> None:
    lists = rules("demands")["words"]
    wordings = " ".join([*lists.values(), *(f"{e.get('says')}{e.get('unless')}" for *_, e in ALL)])
    for name, words in lists.items():
        assert len(set(words.split())) == len(words.split()), name
        assert f"{{{name}}}" in wordings or name == "asking", name


@pytest.mark.parametrize("entry", rules("demands")["shown"], ids=lambda entry: str(entry["kind"]))
def test_what_a_response_shows(entry: Entry) -> None:
    kinds = {form_shown(response) for response in entry["shows"]}
    assert kinds == {entry["kind"]}
    assert not form_shown(entry["leaves"])


def test_only_the_head_and_the_tail_of_a_long_request_are_read() -> None:
    notes = "The mill by the river grinds corn for the town. " * 30
    assert form_demand(f"{notes}\nIn two sentences, please.")
    assert form_demand(f"In two sentences, please: {notes}")
    assert not form_demand(f"{notes}\nIn two sentences, please.\n{notes}")


@pytest.mark.parametrize(
    ("asking", "demands"),
    [
        ("What does JSON format mean?", False),
        ("Which lakes are there? In JSON format.", True),
        ("Where do people reply in Welsh?", False),
        ("Where does tin come from? Reply in Welsh.", True),
    ],
)
def test_the_words_of_a_plain_question_are_what_it_asks_about(asking: str, demands: bool) -> None:
    assert bool(form_demand(asking)) == demands


@pytest.mark.parametrize("filling", ["\n", " ", "\t", "- a\n", "* "])
def test_the_forms_shown_take_time_as_the_text_is_long(filling: str) -> None:
    text = (filling * 100_000)[:200_000] + "x"
    started = time.monotonic()
    form_shown(text)
    assert time.monotonic() - started < 5
