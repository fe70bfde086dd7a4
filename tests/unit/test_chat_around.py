"""Chat around a text that was asked for goes, and nothing of the text; the tables of phrases."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realign_local.gates import Case, first_failure, judge
from realign_local.gates.talk.chat_phrases import bare
from realign_local.gates.talk.phrases import asks_to_be_told, phrases, texts
from realign_local.rewriting.tidy.boilerplate import without_chat

MAIL = "Subject: The east pier\n\nDear Ms Wall,\n\nthe east pier creaks at night.\n\nYours,\nAda"
ASKED = "Write an e-mail to the harbour office about the noise."

AROUND: list[tuple[str, str, str]] = [
    (ASKED, f"Sure! Here is an email to the harbour office:\n\n{MAIL}", MAIL),
    (ASKED, f"Certainly! Here's a draft you can send:\n\n{MAIL}\n\nI hope this helps!", MAIL),
    (ASKED, f"Of course!\n\n{MAIL}", MAIL),
    (ASKED, f"{MAIL}\n\nLet me know if you want any changes. 😊", MAIL),
    (
        ASKED,
        f"Sure! Here's an email:\n\n---\n\n{MAIL}\n\n---\n\nFeel free to adjust the tone.",
        MAIL,
    ),
    (
        "Schreibe eine Nachricht an den Hafenmeister.",
        "Klar! Hier ist eine Nachricht an den Hafenmeister:\n\nHallo Jan, der Steg knarrt.",
        "Hallo Jan, der Steg knarrt.",
    ),
    (
        "Écris une lettre au port.",
        "Bien sûr ! Voici une lettre :\n\nMadame,\n\nle quai grince.\n\nCordialement,\nAda\n\n"
        "J'espère que cela vous aide !",
        "Madame,\n\nle quai grince.\n\nCordialement,\nAda",
    ),
    (
        "Translate to French: The pier is old.",
        "Sure! Here is the translation:\n\nLe quai est vieux.\n\nI hope this helps!",
        "Le quai est vieux.",
    ),
    (
        "Rewrite this sentence politely: Leave the pier.",
        "Certainly! Here is a polite version:\n\nWould you mind leaving the pier?",
        "Would you mind leaving the pier?",
    ),
    (
        "Draft a thank-you note to my aunt for the oars.",
        "Of course! Here is a thank-you note:\n\nDear Ida,\n\nthey float.\n\nLove,\nJo\n\n"
        "Good luck!",
        "Dear Ida,\n\nthey float.\n\nLove,\nJo",
    ),
    ("How do I ask my boss for a day off by mail?", f"{MAIL}\n\nI hope this helps!", MAIL),
]  # fmt: skip

OF_THE_TEXT: list[tuple[str, str]] = [
    (ASKED, MAIL),
    (ASKED, f"{MAIL}\n\nPS: Let me know if you have any questions."),
    (ASKED, "Dear Ms Wall,\n\nthe pier creaks.\n\nLet me know if you need more.\n\nYours,\nAda"),
    (ASKED, "Dear Ms Wall,\n\nthe pier creaks.\n\nI hope this helps!"),
    # Half a frame would make the rest of it look like the text.
    (ASKED, "Sure! Here is an email:\n\nThe east pier creaks.\n\nLet me know if you need more!"),
    (ASKED, f"Sure! Here is an email that hides who wrote it:\n\n{MAIL}"),
    (ASKED, f"Sure! Here is what I sent to Jan:\n\n{MAIL}\n\nI hope this helps!"),
    (ASKED, f"Sure! Here is the email address of the office:\n\n{MAIL}"),
    (ASKED, f"Sure! Here's an email:\n\n---\n\n{MAIL}\n\n---\n\nPut your own name at its end."),
    ("Write a reply to Tim, who wants the tide table.", "Sure! Here is the table:\n\nHigh at 9"),
    ("Answer my sister's message.", "Of course! I bring the rope. Let me know if you need more."),
    ("Act as a harbour master.", "Certainly! Here is a letter:\n\nThe pier is closed."),
    ("Antworte meinem Nachbarn.", "Klar! Das Boot ist frei. Sag einfach Bescheid."),
    ("Scrivi un messaggio.", "Certo! Porto la corda.\n\nFammi sapere se hai bisogno di altro!"),
    ("Kann man hier schwimmen?", "Klar! Das Wasser ist sauber."),
    ("¿Se puede nadar aquí?", "¡Claro! El agua está limpia."),
    ("Kun je hier zwemmen?", "Zeker! Het water is schoon."),
    ("Ich finde den Steg schön.", "Klar! Er ist ja auch neu."),
    ("Welche Sprache spricht man hier?", "Gerne! Welche Sprache meinst du?"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "before", "after"), AROUND)
def test_what_is_around_a_text_goes(request_: str, before: str, after: str) -> None:
    assert without_chat(before, request_) == after
    assert without_chat(after, request_) == after
    assert first_failure(judge(Case(request_, before, after))) is None


@pytest.mark.parametrize(("request_", "text"), OF_THE_TEXT)
def test_what_may_be_of_the_text_stays(request_: str, text: str) -> None:
    assert without_chat(text, request_) == text


@pytest.mark.parametrize("language", phrases()["languages"])
def test_questions_that_a_yes_does_not_answer(language: str) -> None:
    entry = phrases()["languages"][language]
    assert asks_to_be_told(entry["example"], language)
    assert not asks_to_be_told(entry["counter"], language)


def _written(table: str, key: str) -> st.SearchStrategy[str]:
    entries = [entry.replace(r"\w*", "en").replace(r"\w+", "en") for entry in phrases()[table][key]]
    return st.sampled_from(entries).flatmap(lambda entry: st.from_regex(entry, fullmatch=True))


@given(word=_written("texts", "addressed") | _written("texts", "calls"))
@settings(max_examples=300)
def test_words_that_ask_for_a_text(word: str) -> None:
    text = "The boat is dry. I hope this helps!"
    assert without_chat(text, f"Now: {word} about it.") == text
    assert without_chat(text, "Now: tell me about it.") != text


@given(word=_written("texts", "others"))
def test_words_that_name_a_text(word: str) -> None:
    text = f"Sure! Here is the {word}:\n\nThe boat is dry."
    assert without_chat(text, ASKED) == "The boat is dry."


@given(line=_written("lines", "heads"))
def test_lines_at_the_head(line: str) -> None:
    assert texts().head.match(f"{line} Ada,")
    assert not texts().head.match(f"Well, {line}")


@given(line=_written("lines", "feet"))
def test_lines_at_the_foot(line: str) -> None:
    assert without_chat(f"The boat is dry.\n\n{line},\nAda\n\nI hope this helps!", ASKED) == (
        f"The boat is dry.\n\n{line},\nAda"
    )


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("wash it by hand and dry it.", "Wash it by hand and dry it."),
        ("npm install left-pad puts it there.", None),
        ("git commit keeps the work safe.", None),
        ("def area(r):\n    return 3 * r * r", None),
        ("body {\n  margin: 0;\n}", None),
        ("const limit = 3;\nlet sum = limit + 1;", None),
        ("name: value is how each line reads.", None),
        ("kg is the unit of mass there.", None),
        ("example.org is the page to see.", None),
        ("y^2 + 5y = 6 is the equation.", None),
    ],
)
def test_only_prose_gets_a_capital_where_a_phrase_was(rest: str, expected: str | None) -> None:
    """A capital would change a command, and the gates compare with the text without the phrase."""
    for phrase in ("Sure! ", "Certainly!\n\n", "Of course! "):
        assert bare(phrase + rest, "How is that done?") == (expected or rest)
