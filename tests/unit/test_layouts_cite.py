"""Evidence is cited word for word, from the passage that speaks of the row, or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from realign_local.assets import shared_path
from realign_local.criteria import Section, read_criteria
from realign_local.data.records import Passage, Sample
from realign_local.engine.request import Given
from realign_local.layouts.cite import cite
from realign_local.layouts.plan import Plan, plan_rewrite

CRITERIA = read_criteria(shared_path("criteria"))
LAKE = Passage(
    "1",
    "Lake Orrin",
    "",
    "It is cold. Lake Orrin lies in the north of the country and is fed by two rivers. "
    "The lake was named after a miller.",
)
TOWN = Passage("2", "Veldt", "", "Veldt is a market town of nine thousand people in the south.")
ASKED, ANSWERED = "Where does Lake Orrin lie?", "Lake Orrin lies in the north."


def _sample(*passages: Passage, answered: str = ANSWERED) -> Sample:
    return Sample(0, 0, "a", ASKED, answered, task="open_qa", evidence=passages)


def _shown(sample: Sample) -> dict[str, str]:
    plan = plan_rewrite(CRITERIA["open_qa"], sample, pick=0)
    assert isinstance(plan, Plan)
    return {p.origin: p.part.text for p in plan.pieces if isinstance(p.part, Given)}


def test_the_sentence_that_speaks_of_the_answer_is_cited_with_its_article() -> None:
    found = cite(_sample(TOWN, LAKE))
    assert found
    assert found.title == "Lake Orrin"
    assert found.text == "Lake Orrin lies in the north of the country and is fed by two rivers."
    shown = _shown(_sample(TOWN, LAKE))
    assert shown["evidence"] == found.text
    assert shown["given"] == "According to the article on Lake Orrin: "


def test_a_passage_without_a_title_is_cited_as_a_passage() -> None:
    shown = _shown(_sample(Passage("r", "", "", LAKE.text)))
    assert shown["given"] == "According to the passage given: "


@pytest.mark.parametrize(
    "sample",
    [
        _sample(),
        _sample(TOWN),
        _sample(LAKE, answered=LAKE.text),
        _sample(LAKE, answered="No."),
    ],
)
def test_nothing_is_cited_that_is_off_the_point_or_said_already(sample: Sample) -> None:
    assert cite(sample) is None
    assert "evidence" not in _shown(sample)


MEAN = Passage(
    "3",
    "Arithmetic mean",
    "",
    "In a weighted average some rods count more than others and each place of a number is pushed.",
)
ABACUS = "An abacus has rods, each for one place of a number. Beads that are pushed count."


def test_shared_words_of_any_text_are_not_enough() -> None:
    asked = "Explain how people calculate with an abacus."
    sample = Sample(0, 0, "a", asked, ABACUS, task="explain_answer", evidence=(MEAN,))
    assert cite(sample) is None
    near = Passage("5", "Abacus", "", "People who calculate with an abacus push its beads on rods.")
    assert cite(replace(sample, evidence=(near,)))


@pytest.mark.parametrize(
    "text",
    [
        "Orrin 42°30′N 1°30′E Lake Orrin lies in the north of the country near Veldt.",
        "Location: Lake Orrin lies in the north of the country near Veldt.",
    ],
)
def test_rests_of_tables_are_not_cited(text: str) -> None:
    assert cite(_sample(Passage("6", "Lake Orrin", "", text))) is None


def test_an_answer_in_another_language_gets_no_english_citation() -> None:
    answered = "Der See Lake Orrin liegt im Norden, und man kann dort gut baden und wandern."
    assert "evidence" not in _shown(_sample(LAKE, answered=answered))


def test_only_an_optional_verbatim_section_cites() -> None:
    with pytest.raises(ValueError, match="evidence"):
        Section(kind="verbatim", name="x", part="evidence")
    with pytest.raises(ValueError, match="evidence"):
        Section(kind="items", name="x", part="evidence", style="bullets")
