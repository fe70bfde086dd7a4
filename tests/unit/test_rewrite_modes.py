"""Which candidates a mode asks for, what is left alone, and tasks that a row shows by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from realign_local.assets import shared_path
from realign_local.criteria import read_criteria
from realign_local.data.records import Sample
from realign_local.engine.request import Completion, Finish, OnPiece, Request
from realign_local.layouts.adaptive import form_demand, form_shown
from realign_local.layouts.evident import evident_task, known_task
from realign_local.reasons import Reason
from realign_local.stages.rewrite import RewriteSettings, reason_to_skip, rewrite

CRITERIA = read_criteria(shared_path("criteria"))
SAMPLE = Sample(0, 0, "a", "Why is tin soft?", "It just is. Its atoms slide.", task="open_qa")
CODE = "def double(n):\n    return 2 * n"


def _asked(settings: RewriteSettings, sample: Sample = SAMPLE) -> list[Request]:
    seen: list[Request] = []

    def generate(
        requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        assert on_piece is not None
        for request in requests:
            seen.append(request)
            pieces = tuple(getattr(part, "text", " tin.") for part in request.answer)
            yield Completion(request.key, pieces, Finish.STOP)

    (done,) = rewrite([sample], generate, criteria=CRITERIA, settings=settings)
    assert len(done.candidates) == len(seen)
    return seen


def test_auto_asks_once_by_the_layout_and_once_freely_both_greedy() -> None:
    guided, free = _asked(RewriteSettings("auto", True, 1, 0.0, 0, 0.0))
    assert len(guided.answer) > 1
    assert len(free.answer) == 1
    assert [r.sampling.temperature for r in (guided, free)] == [0.0, 0.0]


def test_more_candidates_take_turns_and_only_the_first_of_a_kind_is_greedy() -> None:
    asked = _asked(RewriteSettings("auto", True, 5, 0.7, 0, 0.0))
    assert [len(r.answer) > 1 for r in asked] == [True, False, True, False, True]
    assert [r.sampling.temperature for r in asked] == [0.0, 0.0, 0.7, 0.7, 0.7]
    assert len({r.sampling.seed for r in asked}) == 5


@pytest.mark.parametrize(("mode", "skips"), [("guided", True), ("auto", False), ("free", False)])
def test_a_response_that_the_layout_does_not_fit_is_left_to_free_rewriting(
    mode: str, skips: bool
) -> None:
    sample = Sample(0, 0, "a", "Say no.", "Gladly, here is how.", task="rejecting")
    settings = RewriteSettings(mode, True, 1, 0.0, 0, 0.0)  # type: ignore[arg-type]
    assert (reason_to_skip(sample, CRITERIA, settings) is not None) == skips


def test_a_marked_result_shows_mathematics_and_code_a_request_for_code() -> None:
    assert evident_task("How many?", "2+2 = <<2+2=4>>4\n#### 4") == "math_puzzles"
    assert evident_task("Write a function to double a number.", CODE) == "text_to_code_translation"
    assert evident_task("Implement doubling in C++.", CODE) == "text_to_code_translation"
    assert evident_task("Fix the bug, then write the function again.", CODE) == ""
    assert evident_task("Write a function to double a number.", "I would rather not.") == ""
    assert evident_task("What does this function do?", CODE) == ""


def test_what_came_with_the_row_counts_more() -> None:
    sample = Sample(0, 0, "a", "How many?", "#### 4", category="closed_qa")
    assert known_task(sample, CRITERIA) == "closed_qa"
    assert known_task(Sample(0, 0, "a", "How many?", "#### 4"), ["open_qa"]) == ""


@pytest.mark.parametrize(
    ("asked", "for_code", "demand"),
    [
        ("Write a function that returns the words in a list, in uppercase letters.", True, False),
        ("Return only positive numbers in the list.", True, False),
        ("Write it in Rust. Output only the code.", True, True),
        ("Write a query, without any explanation.", True, True),
        ("Do not include comments.", True, True),
        ("Name three rivers in a list.", False, True),
        ("Write a post with 400 or more words.", False, True),
        ('Finish your response with "See you."', False, True),
        ("the answer will be right there in front of you", False, False),
        ("Tell me what tin is, and answer in French.", False, True),
        ("What is the answer in French?", False, False),  # words that are asked about
        ("Describe tin and leave commas out of it.", False, True),
        ("Give a five-sentence portrait of tin.", False, True),
        ("What is tin? The words metal and grey are forbidden.", False, True),
        ("Be brief. What is tin?", False, True),
        ("Which words must not appear in a will?", False, False),
        ("How do I wrap a gift?", False, False),
        ('What is the difference between "since" and "for"?', False, False),
        ("What is 12 divided by 4?", False, False),
        ("Lena writes 10 words per minute. How long does she need for 90?", False, False),
        ("Extract five keywords: the glacier above the village melts.", False, False),
    ],
)
def test_demands_on_the_form(asked: str, for_code: bool, demand: bool) -> None:
    assert bool(form_demand(asked, for_code=for_code)) == demand


@pytest.mark.parametrize(
    ("response", "shown"),
    [
        ("TIN IS A SOFT METAL THAT MELTS EARLY AND SHINES.", True),
        ("tin is soft and melts early. " * 5, True),
        (f'"{"Tin is soft. " * 20}"', True),
        ('"Tin is soft, melts early and is used for solder."', False),
        ("Tin is soft.\n\nP.S. It shines.", True),
        ("<<Tin>>\nTin is soft.", True),
        ("Tin is soft.\n\n***\n\nIt shines.", True),
        ('{"metal": "tin"}', True),
        ("So she has <<2*3=6>>6 tins.", False),
        ("NASA and ESA work together.", False),
        ('He said "tin" and she said "lead" and nobody laughed at all.', False),
        ("https://example.com/a/page/about/tin " * 5, False),
    ],
)
def test_forms_that_a_response_hardly_wears_unasked(response: str, shown: bool) -> None:
    assert bool(form_shown(response)) == shown


def test_an_unusual_form_is_left_alone_unless_the_run_is_forced() -> None:
    sample = Sample(0, 0, "a", "What is tin?", "Tin is soft.\n\nP.S. It shines.", task="open_qa")
    adaptive, forced = (RewriteSettings("guided", yes, 1, 0.0, 0, 0.0) for yes in (True, False))
    found = reason_to_skip(sample, CRITERIA, adaptive)
    assert found is not None
    assert found[0] is Reason.INSTRUCTION_SETS_FORMAT
    assert reason_to_skip(sample, CRITERIA, forced) is None
