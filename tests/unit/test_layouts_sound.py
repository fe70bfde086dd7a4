"""Sentences of a model that are bad whatever the row give way to plain words."""

from __future__ import annotations

import pytest

from realign_local.assets import shared_path
from realign_local.criteria import read_criteria
from realign_local.data.records import Candidate, Sample
from realign_local.engine.request import Span
from realign_local.layouts.plan import Plan, plan_rewrite, shown_as
from realign_local.layouts.sound import (
    denies_knowledge,
    repeats_itself,
    states_a_result,
    tells_of_the_way,
    turns_it_round,
)

CRITERIA = read_criteria(shared_path("criteria"))
TWO_NUMBERS = "The sum of two numbers is 14 and their difference is 4. What is their product?"


def _shown(asked: str, answered: str, said: str, *, task: str) -> str:
    plan = plan_rewrite(CRITERIA[task], Sample(0, 0, "r", asked, answered, task=task), pick=0)
    assert isinstance(plan, Plan)
    texts = [said if isinstance(part, Span) else part.text for part in plan.answer]
    return shown_as(Candidate("", "stop", 0, 0, 0), plan.compose(texts)).text


def test_three_words_of_meaning_said_twice() -> None:
    assert repeats_itself(
        ' the subject is the verb "goed" is a verb, and the subject is the verb "goed".'
    )
    assert repeats_itself(" the number of pencils left, but not the exact number of pencils left.")
    assert not repeats_itself(" the cost of 3 red pens and the cost of 5 blue pens.")
    assert not repeats_itself(" Red paper boats sink. Red paper boats float.")


def test_knowledge_is_denied_only_where_the_row_denies_it() -> None:
    assert denies_knowledge(" the number of pencils, but we don’t have the exact number.")
    assert denies_knowledge(" the speed of the boat, which is not given.")
    assert not denies_knowledge(" which one does not belong.")
    assert not denies_knowledge(" who it was, which is not known.", "The author is not known.")


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        (" the product of two numbers, which is 14.", TWO_NUMBERS),
        (" 17*3, which is 51.", "What is 17*3?"),
        (" the cost of 12 pens, which is 12/3 = 4 packs.", "3 pens cost $4. What do 12 pens cost?"),
        (" the 4 pens left.", "Tom has 4 cats and 9 pens and loses 5. How many are left?"),
    ],
)
def test_an_opening_does_not_solve(text: str, request_: str) -> None:
    assert states_a_result(text, request_)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        (" two numbers when their sum is 14.", TWO_NUMBERS),
        (" what 12 pens cost.", "3 pens cost $4. What do 12 pens cost?"),
        (" x in 3(x - 4) = 2x + 5.", "Solve 3(x - 4) = 2x + 5."),
        (" the value of x when y is 5.", "Find x when y is 5."),
        (" 1,200 metres in hours.", "How long do 1200 metres take in hours?"),
    ],
)
def test_an_opening_may_use_the_numbers_of_its_request(text: str, request_: str) -> None:
    assert not states_a_result(text, request_)


def test_plain_words_stand_in_for_a_bad_opening() -> None:
    shown = _shown(TWO_NUMBERS, "9 + 5 = 14.\n#### 45", " it, which is 14.", task="math_puzzles")
    assert "which is 14" not in shown
    assert "What is their product?" in shown


def test_an_opening_must_speak_of_the_request() -> None:
    asked, answered = "When do I use lend and when borrow?", "You lend to others. You borrow a pen."
    task = "natural_language_learning_tutor"
    shown = _shown(asked, answered, " asking for what you are asked to do.", task=task)
    assert "asked to do" not in shown
    assert " when to lend or borrow." in _shown(
        asked, answered, " when to lend or borrow.", task=task
    )


def test_a_reason_that_repeats_itself_goes_with_its_colon() -> None:
    asked, answered = (
        "Correct this: Me goed to the market yesterday.",
        "I went to the market yesterday.",
    )
    bad = " the subject verb form is the subject verb form."
    shown = _shown(asked, answered, bad, task="text_correction")
    assert "verb" not in shown
    assert "→" in shown
    assert not any(line.endswith(":") for line in shown.split("\n"))
    good = " a clearer sentence."
    assert good in _shown(asked, answered, good, task="text_correction")


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        (" Dafür muss man wissen, wie die Endung von einem Verb ist.", True),
        (" To do so, you need to know what the ending of the verb is.", False),
        (" Learn the endings.", False),
    ],
)
def test_a_paragraph_speaks_the_language_of_the_response(said: str, stays: bool) -> None:
    answered = (
        "Man nimmt den Stamm von dem Verb und hängt die Endung an.\n\nDie Endung ist für jede "
        "Person eine andere, und auch die Zeit ist von Bedeutung."
    )
    shown = _shown("How do I end a German verb?", answered, said, task="how_to_generation")
    assert (said.strip() in shown) == stays


def test_one_reason_for_two_changes_explains_neither() -> None:
    asked, answered = "Polish this: It was big and nice.", "It was huge and pleasant."
    shown = _shown(asked, answered, " a more formal word.", task="language_polishing")
    assert shown.endswith('- "big" → "huge"\n- "nice" → "pleasant"')


def test_a_conclusion_that_names_its_subject_concludes_nothing() -> None:
    answered = " ".join(
        f"Rod {place} of the abacus counts the beads of one place." for place in range(9)
    )
    asked, task = "How does an abacus work?", "explain_answer"
    assert "method" not in _shown(asked, answered, " this is about the method of beads.", task=task)
    good = " each rod holds the beads of one place."
    assert good in _shown(asked, answered, good, task=task)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("This means that Rita loses 2 points by scoring 12 points.", True),
        ("So Rita loses by 2 points.", False),
        ("So Rita reads $2.00 worth of pages each day for 5 days.", False),
        ("So the bill is 1,200 dollars.", True),
        ("So Rita loses.", False),
    ],
)
def test_a_conclusion_has_the_numbers_of_result_and_request_alone(text: str, tells: bool) -> None:
    assert tells_of_the_way(text, "2", "Rita plays for 5 days. By how much does she lose?") == tells


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        (" 43 tulips are left.", True),
        (" she is left with 43 tulips.", True),
        (" the final answer is 43.", True),
        (" 43 tulips are not left.", False),
        (" fewer than 43 tulips are left.", False),
        (" 43 roses are left.", False),
        (" Ada has lost 43 tulips.", False),
        (" 43 of 54 tulips are left.", False),
    ],
)
def test_a_conclusion_says_the_result_and_nothing_else(said: str, stays: bool) -> None:
    asked = "Ada plants 6 rows of 9 tulips. Frost kills 11 of them. How many tulips are left?"
    answered = "She plants 6*9 = 54 tulips. After the frost there are 54-11 = 43 tulips.\n#### 43"
    assert (said in _shown(asked, answered, said, task="math_puzzles")) == stays


def test_words_that_turn_a_sentence_round_may_come_from_the_row() -> None:
    assert turns_it_round("So fewer than 9 are left.", "How many are left?", "9 are left.")
    assert not turns_it_round("So 9 more are left.", "How many more are left?", "9.")
    assert not turns_it_round("So it isn't safe.", "Is it safe?", "It isn't.")


def test_a_restated_question_takes_no_word_from_the_worked_examples() -> None:
    asked, answered = "who did andre agassi marry in 2001", "Steffi Graf"
    examples = " ".join(one.rewritten for one in CRITERIA["open_qa"].examples)
    assert "who wrote" in examples
    for said, stays in ((" who wrote Andre Agassi.", False), (" who married Andre Agassi.", True)):
        assert (said in _shown(asked, answered, said, task="open_qa")) == stays
    whose = "who wrote the novel emma"
    assert " who wrote Emma." in _shown(whose, "Jane Austen", " who wrote Emma.", task="open_qa")
