"""Gates over words: names, negation, language, refusal, quotes, links."""

from __future__ import annotations

import pytest

from realign_local.base.reasons import Reason
from realign_local.gates import Case, language, links, names, quotes
from realign_local.gates.talk import negation, refusal
from realign_local.text.rules import rules

STORY = "Yesterday Anna gave Ben the key to the house. Ben thanked Anna and went to Oslo."
RULES = "You must wear a helmet. The gate is not open at night. Prices may increase in May."


@pytest.mark.parametrize(
    "rewritten",
    [
        STORY.replace("Anna", "Clara"),
        STORY.replace("Anna gave Ben", "Ben gave Anna"),
        STORY.replace("Oslo", "Bergen"),
        STORY + "\n\nThe key was cut by a smith called Gustav in the old town.",
    ],
)
def test_names_lost_swapped_and_added(rewritten: str) -> None:
    assert names.check(Case("", STORY, rewritten)).reason == Reason.NAME_LOST


def test_names_kept() -> None:
    listed = (
        "Here is what happened.\n\n- Yesterday Anna gave Ben the key to the house.\n"
        "- Ben thanked Anna and went to Oslo."
    )
    assert names.check(Case("", STORY, listed)).outcome == "pass"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("is not open", "is open"),
        ("must wear", "must not wear"),
        ("must wear", "may wear"),
        ("may increase", "must increase"),
        ("increase", "decrease"),
    ],
)
def test_meaning_turned_around(old: str, new: str) -> None:
    verdict = negation.check(Case("", RULES, RULES.replace(old, new)))
    assert verdict.reason == Reason.MEANING_DRIFT


def test_non_in_a_compound_denies_nothing() -> None:
    original = "Many students find work in non-governmental organisations and in the press."
    rewritten = f"The request: Where do many students find work?\n\n{original}"
    assert (
        negation.check(Case("Where do many students find work?", original, rewritten)).outcome
        == "pass"
    )


def test_negation_kept_in_another_form() -> None:
    assert negation.check(Case("", RULES, RULES.replace("is not", "isn't"))).outcome == "pass"
    denial = "The rules are simple.\n\n" + RULES + "\n\nSo the gate is open at night."
    assert negation.check(Case("", RULES, denial)).reason == Reason.MEANING_DRIFT


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("Die Brücke ist nicht offen.", "Die Brücke ist offen."),
        ("行人不能在夜间过桥。", "行人能在夜间过桥。"),
        ("Вход сейчас не работает.", "Вход сейчас работает."),
        ("No levantes la tapa mientras se cocina.", "Levantes la tapa mientras se cocina."),
    ],
)
def test_negation_in_other_languages(text: str, turned: str) -> None:
    assert negation.check(Case("", text, turned)).reason == Reason.MEANING_DRIFT


CHINESE = "博物馆从九点到五点开放，镇上的孩子们买票更便宜一些。"
ENGLISH = (
    "The museum is open from nine to five, and the ticket costs less for children of the town."
)
GERMAN = (
    "Das Museum ist von neun bis fünf offen, "
    "und die Karte ist für Kinder aus der Stadt nicht teuer."
)


@pytest.mark.parametrize(
    ("original", "rewritten", "same"),
    [
        (ENGLISH, "- " + ENGLISH, True),
        (ENGLISH, GERMAN, False),
        (GERMAN, ENGLISH, False),
        (ENGLISH, ENGLISH + "\n\n" + GERMAN, False),
        (ENGLISH, CHINESE, False),
        (CHINESE, "以下是要点。\n\n- " + CHINESE, True),
    ],
)  # fmt: skip
def test_language(original: str, rewritten: str, same: bool) -> None:
    verdict = language.check(Case("", original, rewritten))
    assert verdict.reason == ("" if same else Reason.LANGUAGE_CHANGED)


def test_code_that_was_put_into_a_fence_is_no_other_script() -> None:
    code = "def total(prices):\n    return sum(prices)"
    assert (
        language.check(Case("", code, f"```python\n{code}\n```\n\n- `=` → `-`")).outcome == "pass"
    )


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "As an AI language model, I cannot browse the web.",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "抱歉，我不能提供这方面的帮助。",
        "Lo siento, pero no puedo ayudar con eso.",
    ],
)
def test_refusals(text: str) -> None:
    assert refusal.check(Case("", text, text)).outcome == "pass"
    assert refusal.check(Case("", text, "Here is how.")).reason == Reason.REFUSAL_CHANGED
    assert refusal.check(Case("", "Here is how.", text)).reason == Reason.REFUSAL_CHANGED


def test_quotes() -> None:
    said = 'She said "meet me at the old mill" and left.'
    assert (
        quotes.check(Case("", said, said.replace('"', "“", 1).replace('"', "”"))).outcome == "pass"
    )
    assert quotes.check(Case("", said, said.replace("old", "new"))).reason == Reason.QUOTE_CHANGED
    added = said + ' He answered "never in my life".'
    assert quotes.check(Case("", said, added)).reason == Reason.QUOTE_CHANGED


LINKED = "See https://example.org/a?b=1 or write to jo@example.org about /etc/hosts and notes.txt."


def test_links() -> None:
    assert links.links(LINKED) == [
        "https://example.org/a?b=1",
        "jo@example.org",
        "/etc/hosts",
        "notes.txt",
    ]
    assert links.check(Case("", LINKED, "- " + LINKED)).outcome == "pass"
    assert links.check(Case("", "no link", "a word")).outcome == "n/a"


@pytest.mark.parametrize(
    ("old", "new"),
    [("b=1", "b=2"), ("?b=1", ""), ("jo@", "joe@"), ("hosts", "host"), ("notes", "note")],
)
def test_links_changed(old: str, new: str) -> None:
    assert links.check(Case("", LINKED, LINKED.replace(old, new))).reason == Reason.LINK_CHANGED


def test_many_links_and_quotations_in_any_order() -> None:
    """The way for many gives the verdicts of the way for few: whole, shortened, lost, invented."""
    lines = [f'"this is number {n} of all" a{n}@b.org https://e.org/p/{n}' for n in range(100)]
    text, turned = "\n".join(lines), "\n".join(lines[::-1])
    for gate in (links, quotes):
        assert gate.check(Case("", text, turned)).outcome == "pass"
        assert gate.check(Case(turned, "", text)).outcome == "pass"
        lost = gate.check(
            Case("", text, turned.replace("number 42", "all 42").replace("a42@", "@"))
        )
        assert "42" in lost.span, gate
        less = "\n".join(lines[:42] + lines[43:])
        assert "42" in gate.check(Case(less, "", turned)).span, gate
    short = links.check(Case(text.replace("p/9 ", "p/9x "), "", "\n".join(lines[:80])))
    assert short.outcome == "pass"
    assert links.check(Case(text.replace("/7\n", "/7/x\n"), "", text)).span == "https://e.org/p/7"


@pytest.mark.parametrize("entry", rules("negations")["language"], ids=lambda entry: entry["code"])
def test_a_denial_that_goes_or_comes_is_seen_in_each_language(entry: dict[str, str]) -> None:
    denied, said = entry["example"], entry["counter"]
    assert negation.check(Case("", denied, said)).outcome == "fail"
    assert negation.check(Case("", said, denied)).outcome == "fail"
    assert negation.check(Case("", denied, denied)).outcome != "fail"


@pytest.mark.parametrize(
    ("original", "rewritten", "outcome"),
    [
        ("Fold the dough gently, dont knead it. Let it rest.",
         "1. Fold the dough gently. Don't knead it.\n2. Let it rest.", "pass"),
        ("Fold the dough gently, dont knead it. Let it rest.",
         "1. Fold the dough gently. Knead it.\n2. Let it rest.", "fail"),
        ("Dear Ms Holt, the lift in block C has not run since Monday. Regards, Tom",
         "Subject: Lift in block C\n\nDear Ms Holt,\n\nthe lift in block C has not run since"
         " Monday.\n\nRegards, Tom", "pass"),
    ],
)  # fmt: skip
def test_denials_without_an_apostrophe_and_titles(
    original: str, rewritten: str, outcome: str
) -> None:
    found = negation.check(Case("Write it.", original, rewritten)).outcome
    assert found == outcome
