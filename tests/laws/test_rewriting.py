"""Laws of rewriting: twice is once, what is kept stays, no number goes, and no text raises."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from realign_local.base.records import Sample
from realign_local.engine.request import Completion, Finish
from realign_local.rewriting.draft import FollowUp
from realign_local.rewriting.edits import TOKEN, applied, likely_edits
from realign_local.rewriting.plan import names
from realign_local.rewriting.proofread import proofread
from realign_local.rewriting.sentence import answers_in_full, asked, is_bare, sentence
from realign_local.rewriting.tidy import tidy
from realign_local.text.prose import in_prose, lines_of_code

LINES = st.sampled_from(
    [
        "The old harbour lies at the edge of the town.", "many visitors like it", "It costs $5.",
        "There are three kinds: tin, zinc and lead.", "First, wait. Then, go.", "She said “no”.",
        "- tin", "- **Tin:** soft", "* zinc", "+ 989", "• lead", "1. Wait.", "2. Go.", "2) Stop.",
        "a) tin", "Step 1: Wait.", "Step 2: Go.", "Tin: soft", "Zinc: hard", "   - inner",
        "\t- tab", "```", "```python", "~~~", "def double(n):", "    return 2 * n", "x = 3", 
        "print(double(x))",
        "$$x^2$$", "\\[", "\\]", "$x$ and $y$", "\\begin{align}", "\\end{align}", "2 + 3 = 5",
        "So 6*2=<<6*2=12>>12 are left.", "#### 12", "# Head", "Head", "====", "---", "***",
        "| a | b |", "|---|---|", "| 1 | 2 |", "> quoted", "https://a.example/b_c?d=1",
        "a@b.example",
        "<b>bold</b>", "&amp;", "Sure! Here it is:", "I hope this helps!", "👍", "1️⃣ one",
        "不是3个。",
        "لا 70", "Anna: hello", "Roses are red,", "P.S. bye", "\u200b",
        "\ue0000\ue001", "\ud800",
        "\x00", "\u2028", "a\r", "  ", "", "", "",
    ]
)  # fmt: skip
TEXTS = st.lists(LINES, max_size=12).map("\n".join) | st.text(max_size=80)
REQUESTS = st.sampled_from(
    ["", "Tell me about tin.", "How do I double a number?", "Name three metals.", "Was ist Zinn?"]
)
WORDS = st.sampled_from(
    [
        "the", "the", "a", "an", "tin", "zinc", "boat", "boats", "is", "are", "was", "its", "it's",
        "recieve", "receive", "monday", "Monday", "alot", "a lot", "Kiel", "dont", "don't", "not",
        "3", "4.50", "1,000", "1871", "12:30", "seventy", "walk", "walks", "walked", ".", ",", "!",
        "\n", "- tin", "“so”", "(a)", "no", "grey", "gray", "💧", "é", "水", "\ud800", "x2", "2nd",
    ]
)  # fmt: skip
PROSE = st.lists(WORDS, max_size=24).map(" ".join)
PATIENT = settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])


def _done(text: str) -> list[Completion]:
    return [Completion("", (text,), Finish.STOP)]


def _with_likely_edits(text: str, copy: str) -> str:
    return applied(text, likely_edits(text, copy, known=frozenset()))


_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@given(TEXTS, REQUESTS)
@example("", "")
@PATIENT
def test_a_tidy_text_is_left_alone(text: str, request_: str) -> None:
    once = tidy(text, request_)
    again = tidy(once.text, request_)
    assert again.text == once.text
    assert set(once.operations) <= set(names())
    assert bool(once.operations) == (once.text != text) or once.text == text


@given(TEXTS, REQUESTS)
@PATIENT
def test_with_everything_off_no_sign_changes(text: str, request_: str) -> None:
    assert tidy(text, request_, off=names()).text == text


@given(TEXTS, st.sets(st.sampled_from(names())))
@PATIENT
def test_what_is_off_does_not_run(text: str, off: set[str]) -> None:
    assert not off & set(tidy(text, "Tell me about tin.", off=off).operations)


@given(TEXTS.map(lambda text: text.replace("\r", "")))
@PATIENT
def test_a_change_that_changes_nothing_gives_the_text_back(text: str) -> None:
    assert in_prose(text, lambda stretch: stretch) == text


@given(TEXTS)
@PATIENT
def test_where_everything_is_thrown_away_code_and_what_is_held_still_stay(text: str) -> None:
    kept = in_prose(text, lambda _: "")
    for span in re.findall(r"<<[^<>\n]*>>", text):
        assert span in kept
    code, lines = lines_of_code(text), text.split("\n")
    if "\r" not in text and "\u2028" not in text:
        assert all(lines[number] in kept for number in code if number < len(lines))


@given(TEXTS | PROSE)
@PATIENT
def test_a_copy_corrects_nothing(text: str) -> None:
    assert likely_edits(text, text, known=frozenset()) == ()
    assert applied(text, ()) == text


@given(TEXTS | PROSE)
@PATIENT
def test_tokens_are_the_whole_text(text: str) -> None:
    assert "".join(TOKEN.findall(text)) == text


@given(PROSE, PROSE)
@example("It is 1,000 m.", "It is 1000 m.")
@PATIENT
def test_every_number_stays_and_none_comes(text: str, copy: str) -> None:
    edits = likely_edits(text, copy, known=frozenset())
    new = applied(text, edits)
    assert _NUMBER.findall(new) == _NUMBER.findall(text)
    assert (new == text) == (not edits)


@given(PROSE, PROSE)
@PATIENT
def test_no_mark_that_ends_a_sentence_goes_and_every_line_stays(text: str, copy: str) -> None:
    new = _with_likely_edits(text, copy)
    before, after = (Counter(sign for sign in t if sign in ".!?\n") for t in (text, new))
    assert not before - after
    assert before["\n"] == after["\n"]


@given(PROSE, PROSE)
@PATIENT
def test_no_denial_comes_or_goes(text: str, copy: str) -> None:
    new = _with_likely_edits(text, copy)
    before, after = (re.findall(r"\b(?:not?|don'?t)\b", t) for t in (text, new))
    assert [word for word in before if word in ("no", "not")] == [
        word for word in after if word in ("no", "not")
    ]
    assert bool(before) == bool(after)


@given(PROSE, PROSE, st.sets(st.sampled_from(["recieve", "monday", "walk", "grey", "boat"])))
@PATIENT
def test_edits_stand_in_their_order_and_apart(text: str, copy: str, known: set[str]) -> None:
    tokens = TOKEN.findall(text)
    done = 0
    for edit in likely_edits(text, copy, known=known):
        assert done <= edit.start <= edit.end
        assert applied(text, [edit]) != text
        assert tuple(tokens[edit.start : edit.end]) == edit.old != edit.new
        assert edit.kind is not None
        done = edit.end


@given(TEXTS | PROSE, TEXTS | PROSE)
@PATIENT
def test_no_text_and_no_copy_makes_proofreading_raise(text: str, copy: str) -> None:
    sample = Sample(0, 0, "a", copy, text)
    draft = proofread(sample, text)
    if draft is not None:
        assert draft.finish(_done(copy)) is None or isinstance(draft.finish(_done(copy)), FollowUp)
        assert draft.finish(_done(text)) is None


@given(PROSE, PROSE, st.lists(st.floats(-200, 0), min_size=9, max_size=9))
@PATIENT
def test_what_the_weighing_leaves_stands_between_the_text_and_all_its_likely_edits(
    text: str, copy: str, log_probabilities: list[float]
) -> None:
    text, copy = (f"The boat of the old man is in the bay. {t}".rstrip() for t in (text, copy))
    sample = Sample(0, 0, "a", "", text)
    draft = proofread(sample, text)
    more = draft.finish(_done(copy)) if draft else None
    if isinstance(more, FollowUp):
        weighed = [
            Completion("", ("",), Finish.STOP, log_probability=number)
            for number in log_probabilities[: len(more.asks)]
        ]
        made = more.finish(weighed)
        gained = [one for one in weighed[1:] if one.log_probability >= weighed[0].log_probability]
        assert made is None or (gained and made != text)
        assert made is None or _NUMBER.findall(made) == _NUMBER.findall(text)


@given(TEXTS | PROSE, TEXTS | PROSE, PROSE)
@PATIENT
def test_no_question_and_no_answer_makes_a_sentence_raise(
    question: str, answer: str, said: str
) -> None:
    draft = sentence(Sample(0, 0, "a", question, answer), answer)
    assert draft is None or draft.finish(_done(said)) in (None, said.strip())


ASKING = st.sampled_from(["Who", "What", "Which", "When", "Where", "How many", "In what", "Whose"])
SHORT = st.lists(WORDS.filter(lambda word: word != "\n"), min_size=2, max_size=9).map(" ".join)


@given(ASKING, SHORT, SHORT, PROSE)
@PATIENT
def test_no_answer_to_a_question_of_fact_makes_a_sentence_raise(
    asking: str, rest: str, answer: str, said: str
) -> None:
    question = asked(f"{asking} {rest}?")
    if question is None:
        return
    assert question.text == question.text.strip()
    assert "\n" not in question.text
    is_bare(answer, question)
    is_bare("", question)
    for text in (said, f"{answer} {rest}.", f"{rest} {answer}.", ""):
        if answers_in_full(question, answer, text):
            assert text.endswith(".")
            assert answer.split()[-1].strip(",") in text


ANSWERS = st.sampled_from(["Oslo", "Kiel", "the Black Forest", "4,808 m", "Ulm, Bonn"])
QUESTIONS = st.sampled_from(
    [
        ("What is the oldest town in Norway?", "The oldest town in Norway is {}."),
        ("What was the answer that Ole found?", "The answer that Ole found was {}."),
        ("Which prize did Ole win in Rome?", "Ole won {} in Rome."),
        ("Where does the river rise?", "The river rises in {}."),
    ]
)


@given(QUESTIONS, ANSWERS, ANSWERS)
@PATIENT
def test_a_sentence_with_another_answer_is_never_taken(
    asked_for: tuple[str, str], answer: str, said: str
) -> None:
    question, full = asked(asked_for[0]), asked_for[1]
    assert question is not None
    assert answers_in_full(question, answer, full.format(said)) == (answer == said)


@given(QUESTIONS, ANSWERS, st.sampled_from(["not", "never", "old", "did", "1871", "probably"]))
@PATIENT
def test_a_word_from_nowhere_is_never_taken(
    asked_for: tuple[str, str], answer: str, word: str
) -> None:
    question, full = asked(asked_for[0]), asked_for[1].format(answer)
    assert question is not None
    words = full.split()
    for place in range(1, len(words)):
        said = " ".join((*words[:place], word, *words[place:]))
        assert not answers_in_full(question, answer, said), said
