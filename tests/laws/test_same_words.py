"""Where a rewrite has the original's words in their order, gates that judge words hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realign_local.base.reasons import Reason
from realign_local.gates import GATES, OF_WORDS, Case, first_failure, judge
from realign_local.text.beside.same_words import have_same_words

WORDS = st.sampled_from(("Oslo", "the", "not", "may", "1989", "can't", "Müller", "x-ray", "水"))
BETWEEN = st.sampled_from(
    (" ", "\n", "\n\n", ", ", ". ", ".\n- ", "\n* ", " – ", "** ", " (", ") ")
)
MARKED = st.lists(st.tuples(WORDS, BETWEEN, BETWEEN), min_size=1, max_size=12)


def _texts(marked: list[tuple[str, str, str]]) -> tuple[str, str]:
    return "".join(word + one for word, one, _ in marked), "".join(w + two for w, _, two in marked)


@given(MARKED)
def test_marks_between_words_are_no_words(marked: list[tuple[str, str, str]]) -> None:
    one, other = _texts(marked)
    assert have_same_words(one, other)
    verdicts = judge(Case("", one, other))
    assert {verdicts[name].outcome for name in OF_WORDS} == {"pass"}
    assert list(verdicts) == list(GATES)


@given(MARKED, st.data())
def test_a_word_that_is_lost_changed_or_joined_is_seen(
    marked: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    one, _ = _texts(marked)
    place = data.draw(st.integers(0, len(marked) - 1))
    word, _, two = marked[place]
    for others in ([], [(word[:-1] + "q", two, two)], [(word, "", ""), ("so", two, two)]):
        other, _ = _texts([*marked[:place], *others, *marked[place + 1 :]])
        assert not have_same_words(one, other)


@pytest.mark.parametrize(
    ("original", "rewritten", "reason"),
    [
        ("It rose by -4 in May.", "It rose by 4 in May.", Reason.NUMBER_LOST),
        ("So it is\n\n#### (3, 5)", "So it is\n\n#### 3, 5", Reason.ANSWER_CHANGED),
        ("```python\nif a:\n    b()\n```", "```python\nif a:\nb()\n```", Reason.CODE_CHANGED),
    ],
)  # fmt: skip
def test_other_gates_look_at_the_marks(original: str, rewritten: str, reason: Reason) -> None:
    assert have_same_words(original, rewritten)
    failed = first_failure(judge(Case("", original, rewritten)))
    assert failed is not None
    assert failed[1].reason is reason
