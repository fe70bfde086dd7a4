"""What is done with a row: modes, switches, rows that are left alone, and which candidate wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from realign_local.base.assets import shared_path
from realign_local.base.criterion import Criteria, Criterion, read_criteria
from realign_local.base.reasons import Reason, Status
from realign_local.base.records import Candidate, Passage, Sample, Turn
from realign_local.engine.request import Completion, Finish, Given, OnPiece, Request, Span
from realign_local.rewriting.choose import base, case_of, preferred, settled, undecided
from realign_local.rewriting.judge import Preference
from realign_local.rewriting.plan import (
    OWN_FORM_GROUPS,
    WORD_OPERATIONS,
    Mode,
    Plan,
    RewriteSettings,
    left_alone,
    names,
    plan_row,
)
from realign_local.rewriting.proofread import LEAST_GAIN
from realign_local.stages.rewrite import plan_sample, rewrite

CRITERIA = read_criteria(shared_path("criteria"))
MODES: tuple[Mode, ...] = ("tidy", "guided", "free", "auto")
QUESTION = "Who composed the opera Carmen?"
BARE = Sample(0, 0, "a", QUESTION, "Georges Bizet", task="open_qa", confidence=0.9)
PROSE = replace(
    BARE,
    instruction="Why do visitors like the old harbour?",
    original="The old harbour lies at the edge of the town, and many visitors like the quiet. "
    "In the summer it is open from six in the morning, and the view is worth the walk.",
)
TIDY = replace(
    PROSE,
    instruction="What did you do at the harbour?",
    original="We did three things at the old harbour.\n\n* We saw the pier.\n* We swam.\n"
    "* We ate fish.\n\n\n\n\nIt was warm &amp; dry until late in the day.",
)
BOTH = replace(TIDY, original=f"{TIDY.original}\n\n{PROSE.original}")


def _plan(sample: Sample, mode: Mode = "guided", **settings: object) -> Plan:
    plan = plan_row(sample, CRITERIA, RewriteSettings(mode, **settings))  # type: ignore[arg-type]
    assert isinstance(plan, Plan), plan
    return plan


def _left(sample: Sample, mode: Mode = "guided", **settings: object) -> Reason:
    plan = plan_row(sample, CRITERIA, RewriteSettings(mode, **settings))  # type: ignore[arg-type]
    assert not isinstance(plan, Plan)
    return plan[0]


def _drafts(plan: Plan) -> list[str]:
    return [draft.operation for draft in plan.drafts]


@pytest.mark.parametrize(
    ("sample", "mode", "drafts"),
    [
        (BARE, "guided", ["sentence"]),
        (BARE, "free", ["free"]),
        (BARE, "auto", ["sentence", "free"]),
        (PROSE, "guided", ["proofread"]),
        (PROSE, "free", ["free"]),
        (PROSE, "auto", ["proofread", "free"]),
        (TIDY, "tidy", []),
        (BOTH, "tidy", []),
        (BOTH, "guided", ["proofread"]),
        (BOTH, "auto", ["proofread", "free"]),
    ],
)
def test_what_each_mode_asks_the_model(sample: Sample, mode: Mode, drafts: list[str]) -> None:
    assert _drafts(_plan(sample, mode)) == drafts


@pytest.mark.parametrize("sample", [BARE, PROSE])
def test_mode_tidy_asks_no_model_and_finds_nothing_in_a_tidy_row(sample: Sample) -> None:
    assert _left(sample, "tidy") is Reason.ALREADY_CONFORMS


@pytest.mark.parametrize("mode", MODES)
def test_the_program_tidies_in_every_mode_and_the_model_reads_the_tidied_text(mode: Mode) -> None:
    plan = _plan(BOTH, mode)
    assert plan.tidied.text != BOTH.original
    assert "&amp;" not in plan.tidied.text
    (candidate,) = plan.candidates
    assert candidate == Candidate(
        plan.tidied.text, operations=plan.tidied.operations, origin="given", proven=True
    )
    for draft in plan.drafts:
        assert plan.tidied.text in draft.asks[0].messages[-1].content


def test_what_nobody_notices_is_no_candidate() -> None:
    untidy = replace(PROSE, original=f"{PROSE.original}  \n")
    plan = _plan(untidy)
    assert plan.candidates == ()
    assert _left(untidy, "tidy") is Reason.ALREADY_CONFORMS


def test_only_operations_of_the_task_are_asked_for() -> None:
    assert _drafts(_plan(PROSE)) == ["proofread"]
    assert _left(replace(PROSE, task="question_generation", original="Who is it?")) is (
        Reason.ALREADY_CONFORMS
    )
    assert _left(replace(BARE, task="information_extraction")) is Reason.ALREADY_CONFORMS
    assert _drafts(_plan(replace(BARE, task="information_extraction"), "auto")) == ["free"]


@pytest.mark.parametrize(
    ("sample", "mode", "off", "drafts"),
    [
        (BARE, "auto", ("sentence",), ["free"]),
        (BARE, "auto", ("free",), ["sentence"]),
        (PROSE, "auto", ("free",), ["proofread"]),
        (PROSE, "auto", ("proofread",), ["free"]),
        (PROSE, "guided", ("sentence",), ["proofread"]),
    ],
)
def test_an_operation_that_is_off_is_not_asked_for(
    sample: Sample, mode: Mode, off: tuple[str, ...], drafts: list[str]
) -> None:
    assert _drafts(_plan(sample, mode, off=off)) == drafts


def test_with_everything_off_nothing_is_done() -> None:
    for mode in MODES:
        assert _left(BOTH, mode, off=tuple(sorted(names()))) is Reason.ALREADY_CONFORMS
    assert _left(BARE, off=("sentence",)) is Reason.ALREADY_CONFORMS
    assert _left(BARE, "free", off=("free",)) is Reason.ALREADY_CONFORMS


def test_every_tidying_operation_that_ran_can_be_switched_off() -> None:
    ran = _plan(BOTH, "tidy").tidied.operations
    assert ran
    assert set(ran) <= set(names())
    for name in ran:
        plan = plan_row(BOTH, CRITERIA, RewriteSettings("tidy", off=(name,)))
        assert not isinstance(plan, Plan) or name not in plan.tidied.operations


def test_names_are_unique_and_hold_the_word_operations() -> None:
    assert len(set(names())) == len(names())
    assert {*WORD_OPERATIONS, "free"} <= set(names())
    assert {name for c in CRITERIA.values() for name in c.operations} <= set(WORD_OPERATIONS)


@pytest.mark.parametrize("mode", ["guided", "free", "auto"])
def test_an_unsure_task_is_tidied_and_no_more(mode: Mode) -> None:
    unsure = replace(BOTH, confidence=0.29)
    assert _plan(unsure, mode).drafts == ()
    assert _plan(unsure, mode).candidates
    assert _left(replace(BARE, confidence=0.29), mode) is Reason.LOW_CONFIDENCE
    assert _plan(replace(BARE, confidence=0.3), mode).drafts
    assert _plan(replace(BARE, confidence=0.0), mode, min_confidence=0.0).drafts


def test_where_no_model_is_asked_confidence_does_not_matter() -> None:
    assert _left(replace(BARE, confidence=0.0), "tidy") is Reason.ALREADY_CONFORMS
    assert _plan(replace(TIDY, confidence=0.0), "tidy").candidates


NOT_REWRITTEN = [task for task, criterion in CRITERIA.items() if not criterion.rewrite]


@pytest.mark.parametrize("task", NOT_REWRITTEN)
@pytest.mark.parametrize("mode", MODES)
def test_tasks_that_are_not_rewritten(task: str, mode: Mode) -> None:
    """Tidied all the same where the task is only a guess, unless its form may be its own."""
    guessed, given = replace(TIDY, task=task), replace(TIDY, task=task, category=task)
    assert left_alone(given, CRITERIA, RewriteSettings(mode)) == (Reason.TASK_NOT_REWRITTEN, "")
    found = left_alone(guessed, CRITERIA, RewriteSettings(mode))
    is_own = CRITERIA[task].group in OWN_FORM_GROUPS
    assert found == ((Reason.TASK_NOT_REWRITTEN, "") if is_own and mode != "tidy" else None)
    planned = plan_row(guessed, CRITERIA, RewriteSettings(mode))
    assert not isinstance(planned, Plan) or not planned.drafts


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "change",
    [
        {"instruction": "Name three rivers in a table with two columns."},
        {"instruction": "What is tin? Answer in French."},
        {"instruction": "Who composed Carmen? Reply with only the name."},
        {"original": "Tin is soft.\n\nP.S. It shines."},
        {"original": '{"metal": "tin"}'},
    ],
)
def test_a_form_that_was_asked_for_stays(mode: Mode, change: dict[str, str]) -> None:
    sample = replace(BARE, **change)  # type: ignore[arg-type]
    found = left_alone(sample, CRITERIA, RewriteSettings(mode))
    assert found is not None
    assert found[0] is Reason.INSTRUCTION_SETS_FORMAT
    assert found[1]
    assert _left(sample, mode) is Reason.INSTRUCTION_SETS_FORMAT
    assert left_alone(sample, CRITERIA, RewriteSettings(mode, adaptive=False)) is None


def test_in_code_lists_and_data_belong_to_the_task() -> None:
    code = replace(BARE, task="text_to_code_translation", original='{"metal": "tin"}')
    asked = replace(code, instruction="Write a function that returns the words in a table.")
    assert left_alone(asked, CRITERIA, RewriteSettings()) is None
    assert left_alone(replace(asked, task="open_qa"), CRITERIA, RewriteSettings()) is not None


@pytest.mark.parametrize("mode", MODES)
def test_a_row_that_has_a_reason_keeps_it(mode: Mode) -> None:
    bad = replace(TIDY, reason=Reason.MALFORMED_ROW, detail="no answer")
    settings = RewriteSettings(mode)
    assert left_alone(bad, CRITERIA, settings) == (Reason.MALFORMED_ROW, "no answer")
    assert plan_row(bad, CRITERIA, settings) == (Reason.MALFORMED_ROW, "no answer")


def test_more_candidates_are_asked_for_where_other_words_may_come() -> None:
    assert _drafts(_plan(BARE, candidates=3)) == ["sentence"] * 3
    assert _drafts(_plan(PROSE, candidates=3)) == ["proofread"]
    assert _drafts(_plan(PROSE, "auto", candidates=2)) == ["proofread", "free", "free"]


def test_the_first_word_operation_that_applies_is_asked_for() -> None:
    long = replace(BARE, original="a small village in the far north of the county by the sea")
    criteria = Criteria(
        [Criterion(task="t", group="G", description="D", rewrite=True, format="F",
                   operations=("proofread", "sentence"))]
    )  # fmt: skip
    for sample, operation in ((BARE, "sentence"), (replace(PROSE), "proofread")):
        plan = plan_row(replace(sample, task="t"), criteria, RewriteSettings())
        assert isinstance(plan, Plan)
        assert _drafts(plan) == [operation]
    left = plan_row(replace(long, task="t", instruction="Hm."), criteria, RewriteSettings())
    assert left == (Reason.ALREADY_CONFORMS, "")


def test_a_row_that_needs_no_model_is_done_at_once() -> None:
    done, plan = plan_sample(TIDY, CRITERIA, RewriteSettings("tidy"))
    assert plan is None
    assert (done.reason, len(done.candidates), done.status) == (None, 1, Status.KEPT)
    done, plan = plan_sample(BARE, CRITERIA, RewriteSettings("tidy"))
    assert plan is None
    assert (done.reason, done.status) == (Reason.ALREADY_CONFORMS, Status.SKIPPED)
    done, plan = plan_sample(BARE, CRITERIA, RewriteSettings())
    assert plan is not None
    assert done == BARE


SLIP = replace(PROSE, original=PROSE.original.replace("lies at", "lie at"))
FIXED = PROSE.original


def _rewritten(
    gain: float, *, second: Finish = Finish.STOP
) -> tuple[list[list[Request]], list[Sample]]:
    """A row with a slip beside one without: what is asked round by round, and what they became."""
    rounds: list[list[Request]] = []

    def generate(
        requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        assert on_piece is None
        rounds.append([])
        for request in requests:
            rounds[-1].append(request)
            (part,) = request.answer
            if isinstance(part, Given):
                score = -50.0 + (gain if part.text == FIXED else 0.0)
                yield Completion(
                    request.key, (part.text,), second, prompt_tokens=5, log_probability=score
                )
            else:
                yield Completion(
                    request.key, (FIXED,), Finish.STOP, prompt_tokens=7, completion_tokens=3
                )

    samples = [SLIP, PROSE]
    done = rewrite(samples, generate, criteria=CRITERIA, settings=RewriteSettings())
    return rounds, sorted(done, key=lambda sample: sample.original != SLIP.original)


def test_a_draft_that_asks_for_more_is_answered_in_a_second_round() -> None:
    rounds, (slip, fine) = _rewritten(gain=LEAST_GAIN)
    assert [[type(r.answer[0]) for r in asked] for asked in rounds] == [[Span, Span], [Given] * 2]
    assert [c.text for c in slip.candidates] == [FIXED]
    assert (slip.candidates[0].operations, slip.candidates[0].proven) == (("proofread",), True)
    assert (slip.prompt_tokens, slip.completion_tokens) == (7 + 2 * 5, 3)
    assert (fine.reason, fine.candidates) == (Reason.ALREADY_CONFORMS, ())
    assert (fine.prompt_tokens, fine.completion_tokens) == (7, 3)


@pytest.mark.parametrize(
    ("gain", "second"),
    [
        (LEAST_GAIN - 0.01, Finish.STOP),
        (LEAST_GAIN, Finish.FAILED),
        (LEAST_GAIN, Finish.PROMPT_TOO_LONG),
        (LEAST_GAIN, Finish.CANCELLED),
    ],
)
def test_without_a_gain_or_an_answer_in_the_second_round_the_text_stays(
    gain: float, second: Finish
) -> None:
    rounds, (slip, _) = _rewritten(gain=gain, second=second)
    assert len(rounds) == 2
    assert slip.candidates == ()
    assert slip.reason is not None


MODEL, TIDIED, OTHER = (
    Candidate("Bizet composed Carmen.", proven=True),
    Candidate("Georges Bizet.", origin="given", proven=True),
    Candidate("It was Bizet.", proven=False),
)


def _tried(*candidates: Candidate, passed: tuple[int, ...]) -> Sample:
    return replace(BARE, candidates=candidates, passed=passed)


@pytest.mark.parametrize(
    ("candidates", "passed", "number"),
    [
        ((MODEL, TIDIED), (0, 1), 0),
        ((MODEL, TIDIED), (1,), 1),
        ((MODEL, TIDIED), (), -1),
        ((OTHER, TIDIED), (0, 1), 1),
        ((OTHER,), (0,), -1),
        ((OTHER, MODEL, TIDIED), (0, 1, 2), 1),
    ],
)
def test_the_first_proven_candidate_that_passes_stands(
    candidates: tuple[Candidate, ...], passed: tuple[int, ...], number: int
) -> None:
    sample = _tried(*candidates, passed=passed)
    assert base(sample) == number
    done = settled(sample, why_not="because")
    assert done.chosen == number
    assert done.reason is (Reason.ACCEPTED if number >= 0 else Reason.NOT_BETTER)
    assert done.detail == ("" if number >= 0 else "because")


def test_only_passed_candidates_without_proof_are_undecided() -> None:
    sample = _tried(OTHER, MODEL, OTHER, OTHER, passed=(1, 2, 3))
    assert undecided(sample) == (2, 3)
    assert undecided(replace(sample, reason=Reason.ACCEPTED)) == ()
    assert undecided(_tried(MODEL, TIDIED, passed=(0, 1))) == ()


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ({0: Preference(2.0, 2.0)}, 0),
        ({0: Preference(2.0, 2.0), 2: Preference(3.0, 2.0)}, 2),
        ({0: Preference(2.0, 2.0), 2: Preference(2.0, 2.0)}, 0),
        ({0: Preference(9.0, -1.0), 2: Preference(1.0, 1.0)}, 2),
        ({0: Preference(9.0, -1.0)}, 1),
        ({0: Preference(0.5, 0.5)}, 1),
        ({0: Preference(-3.0, -3.0)}, 1),
        ({}, 1),
    ],
)
def test_what_the_judge_prefers_clearly_replaces_the_proven_one(
    found: dict[int, Preference], chosen: int
) -> None:
    done = preferred(_tried(OTHER, MODEL, OTHER, passed=(0, 1, 2)), found, margin=1.0)
    assert (done.chosen, done.reason) == (chosen, Reason.ACCEPTED)
    assert done.margin == (found[chosen].margin if chosen != 1 else 0.0)


def test_without_a_proven_one_the_original_stays_and_says_why() -> None:
    done = preferred(_tried(OTHER, passed=(0,)), {0: Preference(9.0, -1.0)}, margin=1.0)
    assert (done.chosen, done.reason) == (-1, Reason.NOT_BETTER)
    assert "both orders" in done.detail
    assert done.rewritten == BARE.original


def test_the_gates_see_the_whole_conversation_and_the_evidence() -> None:
    sample = replace(
        BARE,
        history=(Turn("user", "Hello"), Turn("assistant", "Hi")),
        evidence=(Passage("p", "Georges_Bizet", "Life", "He was born in 1838."),),
    )
    case = case_of(sample, Candidate("Bizet.", finish="length"))
    assert case.instruction == f"Hello\n\nHi\n\n{QUESTION}"
    assert (case.original, case.rewritten, case.task) == ("Georges Bizet", "Bizet.", "open_qa")
    assert case.evidence == ("Georges Bizet, Life: He was born in 1838.",)
    assert case.truncated
    assert not case_of(sample, Candidate("Bizet.")).truncated
