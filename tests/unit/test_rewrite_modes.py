"""Which candidates a mode asks for, what is left alone, and tasks that a row shows by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import read_criteria
from realign_local.base.reasons import Reason
from realign_local.base.records import Sample
from realign_local.engine.request import Completion, Finish, OnPiece, Request
from realign_local.rewriting.demands import form_demand, form_shown
from realign_local.rewriting.evident import evident_task, known_task
from realign_local.rewriting.plan import Mode, Plan, RewriteSettings, left_alone, names, plan_row
from realign_local.rewriting.tidy import OPERATIONS
from realign_local.stages.rewrite import Longest, plan_sample, rewrite

CRITERIA = read_criteria(shared_path("criteria"))
BARE = Sample(
    0, 0, "a", "Where does the river Main rise?", "in Franconia", task="open_qa", confidence=0.9
)
PROSE = replace(
    BARE, instruction="Tell me about tin.",
    original="Tin is a soft metal that melts early. It is used for solder, as the people of"
    " Cornwall have known for a long time.",
)  # fmt: skip
SURE_THING = replace(
    BARE, original="Sure, here you go!\n\nThe Main rises in Franconia. It is long."
)
CODE = "def double(n):\n    return 2 * n"


def asked(
    settings: RewriteSettings, sample: Sample = BARE, *, finish: Finish = Finish.STOP
) -> tuple[list[Request], Sample]:
    """The requests for a row, and what it became when each of them is answered anew."""
    seen: list[Request] = []

    def generate(
        requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        assert on_piece is None
        for request in requests:
            seen.append(request)
            text = f"The river Main rises in Franconia{' in the' * (len(seen) - 1)}."
            yield Completion(request.key, (text,), finish, prompt_tokens=7, completion_tokens=2)

    (done,) = rewrite([sample], generate, criteria=CRITERIA, settings=settings)
    return seen, done


def kinds(requests: list[Request]) -> list[str]:
    return [getattr(request.answer[0], "name", "") for request in requests]


@pytest.mark.parametrize(
    ("mode", "sample", "wanted"),
    [
        ("tidy", BARE, []),
        ("guided", BARE, ["sentence"]),
        ("free", BARE, ["free"]),
        ("auto", BARE, ["sentence", "free"]),
        ("guided", PROSE, ["proofread"]),
        ("auto", PROSE, ["proofread", "free"]),
    ],
)
def test_a_mode_asks_for_its_operations_all_greedy(
    mode: Mode, sample: Sample, wanted: list[str]
) -> None:
    requests, done = asked(RewriteSettings(mode), sample)
    assert kinds(requests) == wanted
    assert all(request.sampling.temperature == 0.0 for request in requests)
    assert (done.prompt_tokens, done.completion_tokens) == (7 * len(wanted), 2 * len(wanted))


def test_more_candidates_are_asked_for_where_chance_gives_other_words() -> None:
    requests, done = asked(RewriteSettings("auto", candidates=3, temperature=0.7))
    assert kinds(requests) == ["sentence"] * 3 + ["free"] * 3
    assert [r.sampling.temperature for r in requests] == [0.0, 0.7, 0.7] * 2
    assert len({r.sampling.seed for r in requests}) == 6
    assert len({candidate.text for candidate in done.candidates}) == len(done.candidates)
    copies, _ = asked(RewriteSettings(candidates=3, temperature=0.7), PROSE)
    assert kinds(copies) == ["proofread"]


def test_the_models_candidates_come_first_and_what_the_program_made_last() -> None:
    _, done = asked(RewriteSettings("auto"), SURE_THING)
    assert [c.operations for c in done.candidates] == [("boilerplate", "free"), ("boilerplate",)]
    assert [c.proven for c in done.candidates] == [False, True]
    assert [c.origin for c in done.candidates] == ["model", "given"]
    assert done.candidates[1].text == "The Main rises in Franconia. It is long."


def test_what_the_task_does_not_name_is_not_asked_for() -> None:
    assert "sentence" not in CRITERIA["math_puzzles"].operations
    plan = plan_row(replace(BARE, task="math_puzzles"), CRITERIA, RewriteSettings())
    assert plan == (Reason.ALREADY_CONFORMS, "")


@pytest.mark.parametrize("name", ["sentence", "free", "boilerplate"])
def test_each_operation_can_be_switched_off(name: str) -> None:
    sample = SURE_THING if name == "boilerplate" else BARE
    on = plan_row(sample, CRITERIA, RewriteSettings("auto"))
    off = plan_row(sample, CRITERIA, RewriteSettings("auto", off=(name,)))
    assert isinstance(on, Plan)
    assert isinstance(off, Plan)
    assert name in (*on.tidied.operations, *(draft.operation for draft in on.drafts))
    assert name not in (*off.tidied.operations, *(draft.operation for draft in off.drafts))
    _, done = asked(RewriteSettings("auto", off=(name,)), sample)
    assert all(name not in candidate.operations for candidate in done.candidates)


def test_operations_have_names_of_their_own() -> None:
    assert len(set(names())) == len(names())
    assert {operation.name for operation in OPERATIONS} | {"sentence", "proofread", "free"} <= {
        *names()
    }


def test_a_doubtful_task_is_only_tidied() -> None:
    settings = RewriteSettings("auto", min_confidence=0.95)
    assert plan_row(BARE, CRITERIA, settings) == (
        Reason.LOW_CONFIDENCE, "nothing to tidy, and the task is too unsure for more",
    )  # fmt: skip
    made, plan = plan_sample(SURE_THING, CRITERIA, settings)
    assert plan is None
    assert [c.operations for c in made.candidates] == [("boilerplate",)]


def test_an_unknown_task_is_tidied_and_a_named_one_is_respected() -> None:
    unknown = replace(SURE_THING, task="default", confidence=0.0)
    for mode in ("tidy", "guided"):
        made, plan = plan_sample(unknown, CRITERIA, RewriteSettings(mode))  # type: ignore[arg-type]
        assert (plan, made.reason, len(made.candidates)) == (None, None, 1)
    named = replace(SURE_THING, task="roleplay", category="roleplay")
    played = replace(named, category="")
    for mode, sample in (("tidy", named), ("guided", named), ("guided", played)):
        settings = RewriteSettings(mode)  # type: ignore[arg-type]
        assert left_alone(sample, CRITERIA, settings) == (Reason.TASK_NOT_REWRITTEN, "")


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        (Finish.PROMPT_TOO_LONG, Reason.PROMPT_TOO_LONG),
        (Finish.FAILED, Reason.ENGINE_FAILED),
        (Finish.CANCELLED, Reason.ENGINE_FAILED),
    ],
)
def test_where_the_engine_fails_the_program_has_done_its_part(
    finish: Finish, reason: Reason
) -> None:
    _, alone = asked(RewriteSettings("free"), BARE, finish=finish)
    assert (alone.reason, alone.candidates) == (reason, ())
    _, tidied = asked(RewriteSettings("free"), SURE_THING, finish=finish)
    assert tidied.reason is None
    assert [c.operations for c in tidied.candidates] == [("boilerplate",)]


def test_only_an_answer_that_nothing_proves_can_be_cut_off() -> None:
    _, free = asked(RewriteSettings("free"), finish=Finish.LENGTH)
    _, proven = asked(RewriteSettings("guided"), finish=Finish.LENGTH)
    assert [c.finish for c in (*free.candidates, *proven.candidates)] == ["length", "stop"]


def test_room_is_made_for_the_longest_request() -> None:
    longest = Longest()
    for text in ("in Franconia", "in Franconia " * 90):
        plan = plan_row(replace(BARE, original=text), CRITERIA, RewriteSettings("free"))
        assert isinstance(plan, Plan)
        before = longest.tokens
        longest.see(plan)
        assert longest.tokens > before + len(text) // 4


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
    sample = replace(BARE, original="Tin is soft.\n\nP.S. It shines.")
    found = left_alone(sample, CRITERIA, RewriteSettings())
    assert found is not None
    assert found[0] is Reason.INSTRUCTION_SETS_FORMAT
    assert left_alone(sample, CRITERIA, RewriteSettings(adaptive=False)) is None
