"""Pieces that are turned down while a candidate is written: what stands, and the rest once more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pytest

from realign_local.assets import shared_path
from realign_local.criteria import read_criteria
from realign_local.data.records import Sample
from realign_local.engine.request import Completion, Given, OnPiece, Request, Span
from realign_local.engine.scripted import ScriptedEngine
from realign_local.layouts.draft import MOST_REWINDS, Draft
from realign_local.layouts.pieces import Plan
from realign_local.layouts.plan import plan_rewrite
from realign_local.stages.rewrite import RewriteSettings, rewrite

CRITERIA = read_criteria(shared_path("criteria"))
GREEDY = RewriteSettings("guided", True, 1, 0.0, 7, 0.0)
SUM = Sample(
    0,
    0,
    "a",
    "A shelf holds 4 rows of 6 jars, and 5 jars are sold. How many jars are left?",
    "There are 4 * 6 = 24 jars on the shelf at first. After the sale 24 - 5 = 19 jars are left."
    "\n#### 19",
    task="math_puzzles",
)
GOOD_START, GOOD_END = " the jars that are left on the shelf.", " there are 19 jars left."


class Writer:
    """Answers spans by the section's turn: each has a list of what the model says one by one."""

    def __init__(self, starts: Sequence[str], ends: Sequence[str]) -> None:
        self.texts = [list(starts), list(ends)]
        self.asked: list[Request] = []

    def generate(
        self, requests: Iterable[Request], *, on_piece: OnPiece | None = None
    ) -> Iterator[Completion]:
        yield from ScriptedEngine(self._script).generate(requests, on_piece=on_piece)

    def _script(self, request: Request) -> Iterator[str]:
        self.asked.append(request)
        spans = [part for part in request.answer if isinstance(part, Span)]
        for turn in (0, 1)[-len(spans) :]:
            yield self.texts[turn].pop(0) if len(self.texts[turn]) > 1 else self.texts[turn][0]


def _rewritten(writer: Writer, settings: RewriteSettings = GREEDY) -> Sample:
    (done,) = rewrite([SUM], writer.generate, criteria=CRITERIA, settings=settings)
    return done


def test_a_sound_candidate_is_asked_for_once() -> None:
    writer = Writer([GOOD_START], [GOOD_END])
    (candidate,) = _rewritten(writer).candidates
    assert len(writer.asked) == 1
    assert GOOD_END in candidate.text


@pytest.mark.parametrize(
    "bad",
    [
        " there are 23 jars left.",  # a number that the row has not
        " there are 19 jars left for Mrs Hopkins.",  # a name
        " the number of jars is not given.",  # knowledge denied
        " there are 19 jars left because",  # broken off
    ],
)
def test_what_stands_is_given_back_and_the_rest_is_written_with_another_seed(bad: str) -> None:
    writer = Writer([GOOD_START], [bad, GOOD_END])
    (candidate,) = _rewritten(writer).candidates
    first, second = writer.asked
    assert GOOD_END in candidate.text
    assert bad not in candidate.text
    assert [part.text for part in second.answer[:2] if isinstance(part, Given)][1] == GOOD_START
    assert len(second.answer) == len(first.answer)
    assert second.messages == first.messages
    assert second.sampling.temperature > 0 == first.sampling.temperature
    assert candidate.seed == first.sampling.seed != second.sampling.seed


def test_a_row_that_the_engine_begins_anew_has_all_its_attempts_again() -> None:
    writer = Writer([GOOD_START], [" there are 23 jars left.", GOOD_END])
    _rewritten(writer)
    (plan,) = {plan_rewrite(CRITERIA[SUM.task], SUM, pick=0)}
    assert isinstance(plan, Plan)
    draft = Draft(SUM, plan, writer.asked[0])
    first, last = (n for n, part in enumerate(plan.answer) if isinstance(part, Span))
    assert draft.verdict(first, GOOD_START) is True
    turned_down = [draft.verdict(last, " there are 23 jars left.") for _ in range(2)]
    assert draft.verdict(first, GOOD_START) is True
    again = [draft.verdict(last, " there are 23 jars left.") for _ in range(MOST_REWINDS)]
    assert again[:2] == turned_down
    assert draft.verdict(last, " there are 23 jars left.") is True


def test_the_attempts_are_bounded_and_what_is_bad_still_gives_way() -> None:
    bad = " there are 23 jars left."
    writer = Writer([GOOD_START], [bad])
    (candidate,) = _rewritten(writer).candidates
    assert len(writer.asked) == MOST_REWINDS + 1
    assert len({request.sampling.seed for request in writer.asked}) == MOST_REWINDS + 1
    assert bad not in candidate.text
    assert "24 jars on the shelf" in candidate.text


def test_each_candidate_is_tried_again_by_itself() -> None:
    writer = Writer([GOOD_START], [" there are 23 jars left.", GOOD_END])
    settings = RewriteSettings("guided", True, 3, 0.8, 7, 0.0)
    candidates = _rewritten(writer, settings).candidates
    assert [GOOD_END in one.text for one in candidates] == [True] * 3
    assert sorted(request.key for request in writer.asked) == ["0/0", "0/0", "0/1", "0/2"]
    assert len({request.sampling.seed for request in writer.asked}) == 4


def test_a_free_rewrite_is_judged_at_its_end_alone() -> None:
    writer = Writer([], ["Twenty-three jars, Mrs Hopkins."])
    settings = RewriteSettings("free", True, 1, 0.0, 7, 0.0)
    _rewritten(writer, settings)
    assert len(writer.asked) == 1


def test_a_reason_needs_no_full_stop_but_has_to_explain() -> None:
    sample = Sample(
        0,
        0,
        "a",
        "Polish this: We got lots of feedback on the plan.",
        "We received extensive feedback on the plan.",
        task="language_polishing",
    )
    plan = plan_rewrite(CRITERIA[sample.task], sample, pick=0)
    assert isinstance(plan, Plan)
    part = next(n for n, piece in enumerate(plan.pieces) if piece.motive)
    draft = Draft(sample, plan, Request("0/0", (), plan.answer))
    assert draft.verdict(part, " it is the only word here") is not True
    assert draft.verdict(part, " more formal") is True
    texts = [one.text if isinstance(one, Given) else " more formal" for one in plan.answer]
    assert "".join(one.text for one in plan.compose(texts)).endswith(": more formal.")
