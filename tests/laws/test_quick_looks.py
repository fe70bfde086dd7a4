"""A quick look that rules a costly search out never hides what the search would have found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.gates.talk.refusal import refusal_wordings
from realign_local.rewriting import tidy as operations
from realign_local.rewriting.demands import demand_wordings
from realign_local.rewriting.operation import Operation
from realign_local.text import blocks
from realign_local.text.code import code_labels
from realign_local.text.code.code_lines import has_signal
from realign_local.text.equal import durations, hours, set_phrases, written
from realign_local.text.rules import rules
from realign_local.text.wordings import Wording, WordingTable

SIGNAL = re.compile(
    r"[{};][ \t]*$|\w\(.*\)|\bdef |\bfn |\bfunc|=|<\w|</|^[ \t]*(?:[#$/@;%]|--)|:[ \t]*$"
    r"|^[ \t]*(?:---|import |from |return\b|[a-z_]+:)"
    r"|(?i:\bselect\b|\bcreate\b|\binsert\b|\bupdate\b|\bdelete\b)|^[ \t]*(?:sudo|pip3?|npm|git|cd"
    r"|docker|curl|apt) ",
    re.MULTILINE,
)
"""What a signal of code is, in one pattern."""
LANGUAGES = ("en", "de", "fr", "es", "it", "ru", "zh")
NUMBERS = (
    "one",
    "two",
    "twenty-one",
    "half",
    "zwei",
    "quattro",
    "три",
    "三",
    "半",
    "half past ten",
)
DAYS = ("Monday", "Mo", "mon", "noon", "midnight", "lundi", "halb", "Uhr", "at least", "minimum of")
PIECES = (
    *"abI0139(){};:=<>/#$%@-–*_|.,!?'’\"`~\n\t \u00e9\u0436\u3002",
    *("\n\n", "\n- ", "\n1. ", "---", "    ", "def ", "fn ", "func", "import ", "return", "git "),
    *("select", "Update", "word", "Python", "C#", "c++", ".net", "css3", " in Go ", "x86", "1/2"),
    *("don't", "dont", "3.", " at ", " May ", "5th", "12:30", "10%", "kg", "km", "€", "a_b"),
    *NUMBERS,
    *DAYS,
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
WORDY = st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join)


def demands() -> list[Wording]:
    return [wording for name in ("demand", "code") for _, wording in demand_wordings(name)]


def said_in_the_tables() -> list[str]:
    """The examples of the tables, and the words of their entries."""
    entries = [
        e for name in ("demand", "code") for es in rules("demands")[name].values() for e in es
    ]
    entries += [e for k, es in rules("refusals").items() if k != "words" for e in es]
    texts = [text for entry in entries for text in entry.get("asks", ())]
    return texts + [re.sub(r"[\[\]{}()|*#_]|\.\.", " ", entry.get("says", "")) for entry in entries]


SAID = st.lists(st.sampled_from(said_in_the_tables()), min_size=1, max_size=3).map(" ".join)
CUT = st.tuples(SAID, st.integers(0, 20), st.integers(20, 200)).map(lambda t: t[0][t[1] : t[2]])


@pytest.mark.parametrize("wordings", [demands(), list(refusal_wordings())], ids=["demands", "no"])
@given(text=st.one_of(SAID, CUT, TEXTS))
def test_a_table_finds_the_first_wording_that_has_a_match(
    wordings: list[Wording], text: str
) -> None:
    text = text.lower().replace("’", "'")
    first = next((n for n, one in enumerate(wordings) if one.regex.search(text)), None)
    assert WordingTable(wordings).first(text) == first


@given(st.one_of(TEXTS, WORDY))
def test_signals_of_code_are_those_of_one_pattern(text: str) -> None:
    assert has_signal(text) == (SIGNAL.search(text) is not None)


@given(st.one_of(TEXTS, WORDY))
def test_plain_paragraphs_are_what_markdown_makes_of_them(text: str) -> None:
    lines = text.split("\n")
    if (plain := blocks._plain(lines)) is not None:
        assert plain == blocks._parsed(lines)


@pytest.mark.parametrize("language", LANGUAGES)
@given(text=st.one_of(TEXTS, WORDY))
def test_numbers_days_and_hours_are_found_without_a_quick_look_too(
    language: str, text: str
) -> None:
    finders = (
        written.dates, written.days_and_short, durations.durations_and_measures, hours.hours,
        written.ordinals, written.numbers,
    )  # fmt: skip
    quick = [list(find(text, language)) for find in finders]
    with pytest.MonkeyPatch.context() as patch:
        for module in (written, durations):
            patch.setattr(module, "may_hold", lambda *_: True)
        for module in (written, hours, durations):
            patch.setattr(module, "has_digit", lambda *_: True)
        assert [list(find(text, language)) for find in finders] == quick


@pytest.mark.parametrize("language", LANGUAGES)
@given(original=WORDY, rewritten=WORDY)
def test_phrases_are_exchanged_without_a_quick_look_too(
    language: str, original: str, rewritten: str
) -> None:
    quick = set_phrases.same_phrases(original, rewritten, language)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(set_phrases, "may_hold", lambda *_: True)
        assert set_phrases.same_phrases(original, rewritten, language) == quick


@given(code=st.one_of(TEXTS, WORDY), request=st.one_of(TEXTS, WORDY))
def test_languages_are_told_without_a_quick_look_too(code: str, request: str) -> None:
    asked, told = code_labels.asked_languages(request), code_labels.language_of(code, request)
    everywhere = code_labels.tables()._replace(marks=re.compile(""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code_labels, "tables", lambda: everywhere)
        patch.setattr(code_labels, "may_hold", lambda *_: True)
        _forget()
        assert code_labels.asked_languages(request) == asked
        assert code_labels.language_of(code, request) == told
    _forget()


def _forget() -> None:
    for cached in (code_labels.asked_languages, code_labels.language_of, code_labels._scores):
        cached.cache_clear()


@given(
    text=st.text("abc", max_size=6),
    steps=st.lists(st.tuples(*[st.sampled_from(("a", "b", "c", "ab", "ca"))] * 2), max_size=4),
)
def test_tidying_ends_where_rounds_of_all_operations_would(
    text: str, steps: list[tuple[str, str]]
) -> None:
    made = tuple(
        Operation(f"{n}", "", lambda t, _, old=old, new=new: t.replace(old, new))
        for n, (old, new) in enumerate(steps)
    )
    expected = text
    for _ in range(operations.MAX_ROUNDS):
        for operation in made:
            expected = operation.apply(expected, "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "all_operations", lambda: made)
        assert operations.tidy(text, "").text == expected
