"""A candidate that a gate turned down loses words of the model, never of the row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from realign_local.assets import shared_path
from realign_local.criteria import Criterion, Example, Section, read_criteria
from realign_local.data.records import Candidate, Sample
from realign_local.gates.gate import Case, Verdict, fail
from realign_local.layouts.asked import answer_of, asked_of
from realign_local.layouts.choose import merit
from realign_local.layouts.mend import MOST_EDITS, MOST_ROUNDS, mend
from realign_local.layouts.plan import Plan, plan_rewrite, shown_as
from realign_local.reasons import Reason
from realign_local.stages.verify import verify
from realign_local.tools import make_judge

CRITERIA = read_criteria(shared_path("criteria"))
JUDGE = make_judge(CRITERIA, {})
JUDGE_FAILS = {"numbers": fail(Reason.NUMBER_ADDED)}
SUM = "She plants 6*9 = 54 tulips. After the frost there are 54-11 = 43 tulips.\n#### 43"
ASKED = "Ada plants 6 rows of 9 tulips. Frost kills 11 of them. How many tulips are left?"


def _candidate(sample: Sample, *spans: str, criterion: Criterion | None = None) -> Candidate:
    plan = plan_rewrite(criterion or CRITERIA[sample.task], sample, pick=0)
    assert isinstance(plan, Plan)
    left = iter(spans)
    texts = [getattr(part, "text", None) or next(left) for part in plan.answer]
    return shown_as(Candidate("", "stop", 0, 0, 0), plan.compose(texts))


def _verified(sample: Sample, *candidates: Candidate) -> Sample:
    (found,) = verify([replace(sample, candidates=candidates)], JUDGE, criteria=CRITERIA)
    return found


def _sample(text: str = SUM, *, asked: str = ASKED, task: str = "math_puzzles") -> Sample:
    return Sample(0, 0, "row", asked, text, task=task)


def test_a_wrong_conclusion_gives_way() -> None:
    sample = _sample(SUM.partition("####")[0].strip())  # one with a marked result meets a demand
    bad = _candidate(
        sample, " how many tulips are left, we subtract.", " 43 or 97 tulips are left."
    )
    found = _verified(sample, bad)
    assert found.reason == ""
    assert found.mended
    assert "97" not in found.rewritten
    assert "To find how many tulips are left, we subtract." in found.rewritten
    assert found.detail == "without what was added in: conclusion"
    assert "".join(text for _, text in found.mended.sections) == found.rewritten


def test_two_bad_sentences_are_mended_one_after_the_other() -> None:
    sample = _sample()
    found = _verified(
        sample, _candidate(sample, " out about 1234 bees.", " 43 tulips are not left.")
    )
    assert found.rewritten.startswith(("To be worked out:", "The problem", "What has", "Asked for"))
    assert "1234" not in found.rewritten
    assert "97" not in found.rewritten


def test_a_good_candidate_is_not_touched() -> None:
    sample = _sample()
    good = _candidate(sample, " how many tulips are left, we subtract.", " 43 tulips are left.")
    found = _verified(sample, good)
    assert found.mended is None
    assert found.rewritten == good.text
    assert found.detail == ""


def test_nothing_is_accepted_that_says_no_more_than_the_original() -> None:
    sample = _sample("Positive.", asked="Review: a fine tent.", task="sentiment_analysis")
    found = _verified(sample, _candidate(sample, " the 777777 birds of it."))
    assert found.rewritten == "Positive."
    assert found.chosen == -1
    assert found.reason


def test_a_bad_label_goes_and_its_entry_stays() -> None:
    criterion = _labelled()
    sample = _sample("Water the bed.\n\nCut the grass.", asked="What is to do?", task="chores")
    bad = _candidate(sample, "Watering 555", "Mowing", criterion=criterion)

    def judged(candidate: Candidate) -> Mapping[str, Verdict]:
        return JUDGE(Case(sample.instruction, sample.original, candidate.text))

    found = mend(bad, sample, criterion=criterion, judged=judged)
    assert found
    assert found.candidate.text == "- Water the bed.\n- **Mowing:** Cut the grass."


def _labelled() -> Criterion:
    entries = Section(
        kind="items", name="chores", part="paragraphs", style="bullets", label="label"
    )
    example = Example(instruction="a", response="b", rewritten="c")
    return Criterion(
        task="chores",
        group="Mine",
        description="chores",
        rewrite=True,
        format="A list.",
        layout=(entries,),
        examples=(example,),
    )


def test_the_work_on_one_candidate_is_bounded() -> None:
    sample = _sample("\n\n".join(f"Point {n} is here." for n in range(60)), task="chores")
    criterion = _labelled()
    bad = _candidate(sample, *[f"L{n}" for n in range(60)], criterion=criterion)
    asked: list[str] = []

    def never(candidate: Candidate) -> Mapping[str, Verdict]:
        asked.append(candidate.text)
        return JUDGE_FAILS

    assert mend(bad, sample, criterion=criterion, judged=never) is None
    assert len(asked) <= MOST_ROUNDS * MOST_EDITS + 2


def test_of_two_that_pass_the_better_supported_wins_whatever_its_length() -> None:
    sample = _sample()
    plain = _candidate(sample, " how many tulips are left, we subtract.", " 43 tulips are left.")
    chatty = _candidate(
        sample,
        " something pleasant in spring gardens, everybody loves walking around slowly.",
        " 43 tulips are left.",
    )
    assert merit(sample, plain.text) > merit(sample, chatty.text)
    assert _verified(sample, chatty, plain).rewritten == plain.text


def test_what_a_request_asks() -> None:
    assert asked_of("Tom has 3 pens. How many pens are there?") == "How many pens are there?"
    assert asked_of("Write a haiku about rain") == "Write a haiku about rain."
    assert asked_of("Question: is a whale a fish?") == "Is a whale a fish?"
    assert asked_of("Fill in the blanks in this text:\n\nfoo bar") == ""
    assert asked_of("") == ""


def test_which_answer_a_response_marks() -> None:
    assert answer_of("So it is.\n#### 1,350") == "1,350"
    assert answer_of("The answer is \\boxed{x^2}.") == "x^2"
    assert answer_of("\\boxed{1} or \\boxed{2}") == ""
    assert answer_of("No mark.") == ""


def test_a_paragraph_that_says_nothing_gives_way_to_plain_words() -> None:
    sample = _sample()
    shown = _candidate(sample, " out how many:", " 43 tulips are left.")
    assert shown.text.startswith("To be worked out: How many tulips are left?\n\n1. She plants")
    assert [one for one in shown.sections if one[0] == "model"] == [
        ("model", " 43 tulips are left.")
    ]


def test_a_conclusion_that_only_names_the_subject_says_nothing() -> None:
    text = "An abacus has rods. " + "Beads that are pushed to the bar count. " * 12
    sample = _sample(text, asked="Explain how people use an abacus.", task="explain_answer")
    empty = _candidate(sample, " the abacus.", " people use an abacus.")
    full = _candidate(sample, " the abacus.", " the pushed beads make the number.")
    assert empty.text.endswith("- Beads that are pushed to the bar count.")
    assert full.text.endswith("the pushed beads make the number.")


def test_an_opening_full_of_words_from_nowhere_gives_way() -> None:
    sample = _sample("In 1830.", asked="When was the chapel of Orrin built?", task="open_qa")
    plain = _candidate(sample, " when the chapel was built.")
    invented = _candidate(sample, " the famous baroque bishop who founded this chapel.")
    assert "when the chapel was built" in plain.text
    assert "bishop" not in invented.text
    assert invented.text.endswith("When was the chapel of Orrin built?\n\nIn 1830.")
